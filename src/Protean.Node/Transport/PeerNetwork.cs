using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Protean.Codec;
using Protean.Cryptography;

namespace Protean.Node.Transport;

/// <summary>This node among its peers: one mutually authenticated connection with each, kept up as long as both live.</summary>
/// <remarks>Of two nodes the one with the lower id dials. Messages may be lost: on a full queue the oldest of that unit go first.</remarks>
public sealed partial class PeerNetwork : IAsyncDisposable
{
    private readonly Digest _self;
    private readonly PeerListener _listener;
    private readonly TransportCertificate _certificate;
    private readonly PeerTimings _timings;
    private readonly ILogger _log;
    private readonly Handshake _handshake;
    private readonly SortedDictionary<Digest, PeerLink> _links = [];
    private readonly PendingHandshakes _pending;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _gate = new();
    private readonly HashSet<Task> _tasks = [];

    /// <param name="listener">Taken over: closed with the network.</param>
    /// <param name="certificate">Taken over.</param>
    /// <param name="peers">The nodes that this one talks to.</param>
    /// <param name="receive">Called for each frame; frames of one peer come in order and one at a time.</param>
    public PeerNetwork(
        Digest chainId, Digest self, PeerListener listener, TransportCertificate certificate, IEnumerable<Peer> peers,
        Action<Frame> receive, PeerTimings timings, ILogger log)
    {
        _self = self;
        _listener = listener;
        _certificate = certificate;
        _timings = timings;
        _log = log;
        var byKey = new Dictionary<Bytes, Digest>();
        foreach (var peer in peers.Where(peer => peer.NodeId != self))
        {
            _links.Add(peer.NodeId, new PeerLink(peer, receive));
            byKey.Add(peer.TransportKey, peer.NodeId);
        }
        _pending = new PendingHandshakes(_links.Values.Select(static link => AddressOf(link.Peer)).OfType<IPAddress>(), TimeProvider.System);
        _handshake = new Handshake(certificate, chainId, self, key => byKey.TryGetValue(key, out var node) ? node : null);
    }

    public IPEndPoint EndPoint => _listener.EndPoint;

    /// <summary>Every peer, by node id.</summary>
    public IReadOnlyList<PeerStatus> Peers => [.. _links.Values.Select(link => link.Status)];

    public void Start()
    {
        Track(AcceptAllAsync());
        foreach (var link in _links.Values.Where(link => _self < link.Peer.NodeId)) Track(KeepDiallingAsync(link));
    }

    /// <summary>Queues a message; never waits.</summary>
    /// <returns>False where there is no such peer, or no room.</returns>
    public bool Send(Digest toNode, Digest unit, ulong epoch, ReadOnlyMemory<byte> payload) =>
        payload.Length <= Limits.MaxFrame && _links.TryGetValue(toNode, out var link) && link.Send(unit, epoch, payload);

    /// <summary>Closes every connection and waits until nothing calls back any more.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Dispose();
        Task[] tasks;
        lock (_gate) tasks = [.. _tasks];
        await Task.WhenAll(tasks).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var link in _links.Values) link.Dispose();
        _certificate.Dispose();
    }

    private async Task AcceptAllAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                var socket = await _listener.Socket.AcceptAsync(_stopping.Token);
                var from = ((IPEndPoint)socket.RemoteEndPoint!).Address;
                if (_pending.TryEnter(from)) Track(ServeAsync(socket, from));
                else socket.Dispose();
            }
            catch (SocketException failed)
            {
                // Out of handles, or the stranger was gone before it was taken: neither ends the listening.
                AcceptFailed(failed.Message);
                await Task.Delay(_timings.FirstRetry, _stopping.Token);
            }
        }
    }

    private async Task ServeAsync(Socket socket, IPAddress from)
    {
        await Task.Yield();
        var pending = true;
        try
        {
            await using var connection = await WithinHandshakeTime(token => _handshake.AcceptAsync(StreamOf(socket), _timings, token));
            _pending.Leave(from, wasPeer: true);
            pending = false;
            await UseAsync(_links[connection.Peer], connection);
        }
        catch (Exception ended) when (IsEndOfConnection(ended))
        {
            var reason = Reason(ended);
            if (ended is RefusedException) PeerTurnedAway(from, reason);
            else StrangerTurnedAway(from, reason);
        }
        finally
        {
            if (pending) _pending.Leave(from, wasPeer: false);
            socket.Dispose();
        }
    }

    private async Task KeepDiallingAsync(PeerLink link)
    {
        var wait = _timings.FirstRetry;
        while (!_stopping.IsCancellationRequested)
        {
            if (await DialAsync(link)) wait = _timings.FirstRetry;
            // Up to half as long again, so that nodes that lost each other at once don't meet at once.
            await Task.Delay(wait * (1 + (Random.Shared.NextDouble() / 2)), _stopping.Token);
            wait = TimeSpan.FromTicks(Math.Min(wait.Ticks * 2, _timings.LastRetry.Ticks));
        }
    }

    /// <returns>Whether there was a connection.</returns>
    private async Task<bool> DialAsync(PeerLink link)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await using var connection = await WithinHandshakeTime(async token =>
            {
                await socket.ConnectAsync(link.Peer.Address.Host, link.Peer.Address.Port, token);
                return await _handshake.DialAsync(StreamOf(socket), link.Peer.NodeId, _timings, token);
            });
            await UseAsync(link, connection);
            return true;
        }
        catch (Exception failed) when (IsEndOfConnection(failed))
        {
            var reason = Reason(failed);
            if (link.Note(reason)) PeerOutOfReach(link.Peer.NodeId, link.Peer.Address, reason);
            return false;
        }
    }

    private async Task UseAsync(PeerLink link, PeerConnection connection)
    {
        PeerConnected(link.Peer.NodeId, link.Peer.Address);
        try
        {
            await link.UseAsync(connection, _stopping.Token);
            link.Note("the peer closed the connection");
        }
        catch (Exception ended) when (IsEndOfConnection(ended))
        {
            link.Note(Reason(ended));
        }
        PeerLost(link.Peer.NodeId, link.Peer.Address, link.Status.Trouble);
    }

    private static IPAddress? AddressOf(Peer peer) => IPAddress.TryParse(peer.Address.Host, out var address) ? address : null;

    private async Task<PeerConnection> WithinHandshakeTime(Func<CancellationToken, Task<PeerConnection>> handshake)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        patience.CancelAfter(_timings.Handshake);
        return await handshake(patience.Token);
    }

    private static NetworkStream StreamOf(Socket socket)
    {
        socket.NoDelay = true;
        return new NetworkStream(socket, ownsSocket: true);
    }

    // What a connection may end with, whatever the other side does. Anything else is a fault of this program and is not swallowed.
    private static bool IsEndOfConnection(Exception end) =>
        end is IOException or SocketException or AuthenticationException or CryptographicException
            or MalformedException or RefusedException or OperationCanceledException;

    private string Reason(Exception end) => end switch
    {
        OperationCanceledException when _stopping.IsCancellationRequested => "this node is stopping",
        OperationCanceledException => "the peer was silent for too long",
        _ => end.Message,
    };

    private void Track(Task task)
    {
        lock (_gate) _tasks.Add(task);
        _ = task.ContinueWith(Ended, TaskScheduler.Default);
    }

    private void Ended(Task task)
    {
        lock (_gate) _tasks.Remove(task);
        if (task.IsFaulted) Broken(task.Exception);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Connected with {Peer} at {Address}")]
    private partial void PeerConnected(Digest peer, PeerAddress address);

    [LoggerMessage(Level = LogLevel.Information, Message = "Lost {Peer} at {Address}: {Reason}")]
    private partial void PeerLost(Digest peer, PeerAddress address, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Cannot reach {Peer} at {Address}: {Reason}")]
    private partial void PeerOutOfReach(Digest peer, PeerAddress address, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A peer at {Address} was turned away: {Reason}")]
    private partial void PeerTurnedAway(IPAddress address, string reason);

    // Strangers could fill a log that an operator reads.
    [LoggerMessage(Level = LogLevel.Debug, Message = "A stranger at {Address} was turned away: {Reason}")]
    private partial void StrangerTurnedAway(IPAddress address, string reason);

    [LoggerMessage(Level = LogLevel.Critical, Message = "A connection's task broke")]
    private partial void Broken(Exception reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Accepting a connection failed: {Reason}")]
    private partial void AcceptFailed(string reason);
}
