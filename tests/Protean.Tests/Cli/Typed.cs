using System.Text;
using System.Text.Json;
using Protean.Cli;
using Xunit;

namespace Protean.Tests.Cli;

/// <summary>What a command came to, run in this process as it is typed.</summary>
internal sealed record Typed(int Exit, string Output, string Error)
{
    /// <summary>The one object on the output.</summary>
    public JsonElement Json => JsonDocument.Parse(Output).RootElement;

    public string Refusal => Json.GetProperty("refusal").GetProperty("code").GetString()!;

    public static async Task<Typed> Run(params string[] arguments)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var exit = await CommandLine.Run(arguments, output, error, TestContext.Current.CancellationToken);
        return new Typed(exit, output.ToString(), error.ToString());
    }

    /// <summary>Runs a command that stays until it is stopped, with --json: <paramref name="meanwhile"/> gets its answer; then it is stopped.</summary>
    public static async Task<Typed> RunUntil(Func<JsonElement, Task> meanwhile, params string[] arguments)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var (output, error) = (new FirstLine(), new StringWriter());
        var running = CommandLine.Run([.. arguments, "--json"], output, error, stop.Token);
        if (await Task.WhenAny(running, output.Written) == output.Written) await meanwhile(JsonDocument.Parse(await output.Written).RootElement);
        await stop.CancelAsync();
        return new Typed(await running, await output.Written, error.ToString());
    }

    private sealed class FirstLine : StringWriter
    {
        private readonly TaskCompletionSource<string> _written = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<string> Written => _written.Task;

        public override Encoding Encoding => Encoding.UTF8;

        public override void WriteLine(string? value) => _written.TrySetResult(value ?? "");
    }
}
