using System.Net;
using System.Net.Sockets;

namespace Protean.Cli.Chaos;

/// <summary>Between two nodes of one machine: what one of them dials instead of the other, so that their link can be made slow or cut.</summary>
internal sealed class Wire : IAsyncDisposable
{
    private readonly IPEndPoint _target;
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _accepting;

    /// <param name="dialler">Number of the node that dials.</param>
    /// <param name="dialled">Number of the node that is dialled.</param>
    /// <param name="target">Where that one listens.</param>
    public Wire(int dialler, int dialled, IPEndPoint target)
    {
        (Dialler, Dialled, _target) = (dialler, dialled, target);
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        _accepting = Accept();
    }

    public int Dialler { get; }
    public int Dialled { get; }
    public IPEndPoint EndPoint => (IPEndPoint)_listener.LocalEndPoint!;

    /// <summary>From the dialler to the dialled node.</summary>
    public Lane There { get; } = new();

    /// <summary>From the dialled node to the dialler.</summary>
    public Lane Back { get; } = new();

    public IEnumerable<Lane> Lanes => [There, Back];

    /// <summary>What goes out from this node; null where the wire is not its.</summary>
    public Lane? From(int node) => node == Dialler ? There : node == Dialled ? Back : null;

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Dispose();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task Accept()
    {
        var connections = new List<Task>();
        try
        {
            while (!_stopping.IsCancellationRequested)
            {
                connections.Add(Connect(await _listener.AcceptAsync(_stopping.Token)));
                connections.RemoveAll(static connection => connection.IsCompletedSuccessfully);
            }
        }
        finally
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task Connect(Socket dialler)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        try
        {
            using var dialled = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await using var left = new NetworkStream(dialler, ownsSocket: true);
            await dialled.ConnectAsync(_target, ending.Token);
            await using var right = new NetworkStream(dialled);
            dialler.NoDelay = dialled.NoDelay = true;
            // Nodes close both directions together.
            Task[] lanes = [There.Carry(left, right, ending.Token), Back.Carry(right, left, ending.Token)];
            await Task.WhenAny(lanes);
            await ending.CancelAsync();
            await Task.WhenAll(lanes);
        }
        catch (Exception over) when (over is IOException or SocketException or OperationCanceledException)
        {
            // Either node closed it, was killed, or is not up: the dialler sees its connection end, and dials again.
        }
    }
}
