using Microsoft.AspNetCore.Http;

namespace Protean.Node.Api;

/// <summary>Memory for large bodies or replies of all clients together.</summary>
internal sealed class ByteBudget(long bytes)
{
    private long _left = bytes;

    /// <summary>Takes some for a request, until it has ended.</summary>
    /// <returns>False where there is not enough left.</returns>
    public bool TryTake(HttpContext context, long size)
    {
        if (Interlocked.Add(ref _left, -size) < 0)
        {
            Interlocked.Add(ref _left, size);
            return false;
        }
        context.Response.OnCompleted(() => Task.FromResult(Interlocked.Add(ref _left, size)));
        return true;
    }
}
