using Protean.Cryptography;
using Protean.Node.EventLoop;

namespace Protean.Node.Transport;

/// <summary>Another node, as the directory knows it.</summary>
/// <param name="TransportKey">SubjectPublicKeyInfo of its TLS certificate.</param>
public sealed record Peer(Digest NodeId, Codec.Bytes TransportKey, PeerAddress Address);

/// <summary>How it stands with a peer, for whoever asks why something waits.</summary>
/// <param name="Trouble">Why there is no connection, or why the last one ended.</param>
/// <param name="Dropped">Messages that found no room while they waited for it.</param>
public sealed record PeerStatus(Digest NodeId, PeerAddress Address, bool Connected, string Trouble, long Dropped);

/// <summary>What there is for one peer: messages that wait for it, and at most one connection.</summary>
internal sealed class PeerLink(Peer peer, Action<Frame> receive) : IDisposable
{
    private readonly FairQueue<Digest, Frame?> _outbox = new(Overflow.DropOldest);
    private readonly SemaphoreSlim _turn = new(1, 1);
    private PeerConnection? _current;
    private volatile bool _connected;
    private volatile string _trouble = "not connected yet";

    public Peer Peer { get; } = peer;
    public PeerStatus Status => new(Peer.NodeId, Peer.Address, _connected, _connected ? "" : _trouble, _outbox.Dropped);

    public bool Send(Digest unit, ulong epoch, ReadOnlyMemory<byte> payload)
    {
        var bound = _connected ? Limits.MaxOutboxBytes : Limits.MaxOfflineOutboxBytes;
        return _outbox.Add(unit, new Frame(Peer.NodeId, unit, epoch, payload), payload.Length + Limits.MessageOverhead, bound);
    }

    /// <summary>Uses the connection until it ends. A newer one takes its place: the peer gave the older one up.</summary>
    public async Task UseAsync(PeerConnection connection, CancellationToken cancellation)
    {
        Interlocked.Exchange(ref _current, connection)?.Close();
        await _turn.WaitAsync(cancellation);
        try
        {
            _connected = true;
            await connection.RunAsync(_outbox, receive, cancellation);
        }
        finally
        {
            _connected = false;
            Interlocked.CompareExchange(ref _current, null, connection);
            _turn.Release();
        }
    }

    /// <summary>Notes why there is no connection.</summary>
    /// <returns>Whether that is news.</returns>
    public bool Note(string trouble)
    {
        var news = _trouble != trouble;
        _trouble = trouble;
        return news;
    }

    public void Dispose() => _turn.Dispose();
}
