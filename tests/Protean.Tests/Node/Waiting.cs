using Xunit;

namespace Protean.Tests.Node;

/// <summary>Waits for what must come, however slow the machine; fails where it does not.</summary>
internal static class Waiting
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static Task Soon(this Task task) => task.WaitAsync(Patience, TestContext.Current.CancellationToken);
    public static Task<T> Soon<T>(this Task<T> task) => task.WaitAsync(Patience, TestContext.Current.CancellationToken);

    public static async Task Until(Func<bool> holds)
    {
        for (var waited = 0; !holds(); waited += 10)
        {
            Assert.True(waited < Patience.TotalMilliseconds, "it did not come to hold");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }
}
