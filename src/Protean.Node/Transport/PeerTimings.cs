namespace Protean.Node.Transport;

/// <summary>How patient a node is with its peers.</summary>
/// <param name="Handshake">From the first byte of a connection to a known peer.</param>
/// <param name="KeepAlive">How often a connection carries something, if only an empty frame.</param>
/// <param name="Silence">After that long without a byte, or with a write that does not end, the connection is given up.</param>
/// <param name="FirstRetry">Wait before the first new attempt to reach a peer; doubles with each.</param>
/// <param name="LastRetry">Longest wait between attempts.</param>
public sealed record PeerTimings(TimeSpan Handshake, TimeSpan KeepAlive, TimeSpan Silence, TimeSpan FirstRetry, TimeSpan LastRetry)
{
    public static PeerTimings Default { get; } = new(
        Handshake: TimeSpan.FromSeconds(10), KeepAlive: TimeSpan.FromSeconds(5), Silence: TimeSpan.FromSeconds(20),
        FirstRetry: TimeSpan.FromMilliseconds(100), LastRetry: TimeSpan.FromSeconds(10));
}
