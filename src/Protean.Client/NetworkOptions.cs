namespace Protean.Client;

/// <summary>How long a client waits for members of a unit before it asks others, and before it gives up.</summary>
public sealed record NetworkOptions
{
    /// <summary>How long a node may hold one call open before it answers that it still waits.</summary>
    public TimeSpan Hold { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Beyond <see cref="Hold"/>, for the way to the node and back.</summary>
    public TimeSpan Travel { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>After this long without an answer that holds, the call is given up.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Between rounds over all members; grows with each.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>The largest reply that is read: a witness of thousands of entries in base64.</summary>
    public int MaxReplyBytes { get; init; } = 64 << 20;
}
