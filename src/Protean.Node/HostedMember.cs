using Microsoft.Extensions.Logging;
using Protean.Codec;
using Protean.Node.EventLoop;
using Protean.Node.Storage;
using Protean.Node.Transport;
using Protean.Runtime;

namespace Protean.Node;

/// <summary>One unit's member on this node: its state machine, the loop that drives it, and its way to the other members.</summary>
public sealed partial class HostedMember<TMessage, TOutput> : IOutlet<TMessage, TOutput>, IAsyncDisposable
    where TMessage : ICanonical<TMessage>
{
    private readonly PeerNetwork _network;
    private readonly ILogger _log;
    private Action<TOutput> _output = _ => { };

    internal HostedMember(
        UnitAssignment assignment, IProtocol<TMessage, TOutput> protocol, RocksStore store, PeerNetwork network, JobWorkers jobs,
        ILogger log)
    {
        Assignment = assignment;
        Protocol = protocol;
        _network = network;
        _log = log;
        Loop = new MemberLoop<TMessage, TOutput>(assignment.Name, protocol, store, this, TimeProvider.System, jobs);
    }

    public UnitAssignment Assignment { get; }

    /// <summary>The state machine; touched on its loop only, through <see cref="MemberLoop{TMessage, TOutput}.Ask"/>.</summary>
    public IProtocol<TMessage, TOutput> Protocol { get; }

    public MemberLoop<TMessage, TOutput> Loop { get; }

    /// <summary>Who takes the member's outputs, on its loop and in order; set before it starts.</summary>
    public void OnOutput(Action<TOutput> take) => _output = take;

    public ValueTask DisposeAsync() => Loop.DisposeAsync();

    /// <summary>Once; see <see cref="NodeHost{TMessage, TOutput}.Start"/>.</summary>
    public void Start()
    {
        Loop.Start();
        _ = WatchAsync();
    }

    /// <summary>Takes a frame of another member; what cannot be for this member is dropped.</summary>
    internal void Receive(Frame frame)
    {
        if (Assignment.Committee.Find(frame.Peer) is not { } from || !Loop.HasRoom(from, frame.Payload.Length)) return;
        try
        {
            Loop.Receive(from, Canonical.Decode<TMessage>(frame.Payload.Span), frame.Payload.Length);
        }
        catch (MalformedException malformed)
        {
            MalformedMessage(Assignment.Name, from, malformed.Message);
        }
    }

    void IOutlet<TMessage, TOutput>.Send(MemberId to, TMessage message) => Send(to, message, Canonical.Encode(message));

    void IOutlet<TMessage, TOutput>.Broadcast(TMessage message)
    {
        var payload = Canonical.Encode(message);
        foreach (var to in Assignment.Committee.Ids)
            if (to != Assignment.Self) Send(to, message, payload);
    }

    void IOutlet<TMessage, TOutput>.Output(TOutput output) => _output(output);

    // A message that finds no room is lost, as messages may be.
    private void Send(MemberId to, TMessage message, byte[] payload)
    {
        if (to == Assignment.Self) Loop.Receive(to, message, payload.Length);
        else _network.Send(Assignment.Committee[to].NodeId, Assignment.Unit.UnitId, message is IAcrossEpochs ? UnitAssignment.AnyEpoch : Assignment.Epoch, payload);
    }

    private async Task WatchAsync()
    {
        try
        {
            await Loop.Completion;
        }
        catch (Exception broken)
        {
            MemberBroke(broken, Assignment.Name);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Member}: member {From} sent a malformed message: {Reason}")]
    private partial void MalformedMessage(string member, MemberId from, string reason);

    [LoggerMessage(Level = LogLevel.Critical, Message = "{Member} stopped: an invariant is broken. The node's other members go on")]
    private partial void MemberBroke(Exception reason, string member);
}
