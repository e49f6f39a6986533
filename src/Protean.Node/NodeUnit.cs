using Protean.Cryptography;
using Protean.Membership;
using Protean.Node.Api;
using Protean.Node.EventLoop;
using Protean.Node.Keys;
using Protean.Runtime;

namespace Protean.Node;

/// <summary>A unit on this node through its epochs: the member that serves now, and the one of the epoch before, for those that are behind.</summary>
public sealed class NodeUnit
{
    private readonly NodeHost<UnitMessage, UnitEvent> _host;
    private readonly Genesis _genesis;
    private readonly NodeKeys _keys;
    private readonly IFunctionalUnit _unit;
    private readonly Digest _unitId;
    private readonly TaskCompletionSource _broken = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ulong _keyEpoch;
    private UnitAssignment? _before;

    /// <param name="keys">Stay the caller's.</param>
    public NodeUnit(NodeHost<UnitMessage, UnitEvent> host, Genesis genesis, NodeKeys keys, IFunctionalUnit unit, Digest unitId)
    {
        (_host, _genesis, _keys, _unit, _unitId) = (host, genesis, keys, unit, unitId);
        (Directory, Member) = Join();
        Served = new ServedUnit(unit, Directory.Find(unitId)!, (UnitMember)Member.Protocol, new Calls(Member.Loop));
        Member.OnOutput(Observe);
    }

    /// <summary>As far as this unit's log has come.</summary>
    public LinkedDirectory Directory { get; private set; }

    public HostedMember<UnitMessage, UnitEvent> Member { get; private set; }

    /// <summary>As clients see it; the same through all epochs.</summary>
    public ServedUnit Served { get; }

    /// <summary>Purposes of the keys that the unit always has.</summary>
    public IReadOnlyList<string> KeyPurposes => _unit.KeyPurposes;

    /// <summary>The first epoch whose consensus key this unit may still need from disk: the key in use may be an earlier epoch's, and an
    /// epoch is behind for good once the next one's committee has sealed a height (protocols 1.5).</summary>
    public async Task<ulong> NeededKeyEpochAsync(CancellationToken cancellation)
    {
        var made = Volatile.Read(ref _keyEpoch);
        var head = await Served.HeadAsync(0, 0, TimeSpan.Zero, cancellation);
        return Math.Min(made, head?.Header.Context.Epoch ?? 0);
    }

    /// <summary>Fails where the unit could not go on into its next epoch.</summary>
    public Task Broken => _broken.Task;

    private void Observe(UnitEvent happened)
    {
        Served.Observe(happened);
        if (happened is UnitEvent.Halted halted) _host.Dump(Member.Assignment, halted.Why, ((UnitMember)Member.Protocol).Dump());
        // Off the loop: the member that ended is the one that speaks.
        if (happened is UnitEvent.EpochEnded) _ = Task.Run(() => TryAsync(EnterAsync));
        if (happened is UnitEvent.Synced) _ = Task.Run(() => TryAsync(BeginAnewAsync));
    }

    private async Task TryAsync(Func<Task> goOn)
    {
        try
        {
            await goOn();
        }
        catch (Exception reason)
        {
            _broken.TrySetException(reason);
        }
    }

    private async Task EnterAsync()
    {
        var ended = Member.Assignment;
        Begin();
        if (_before is not null) await _host.LeaveAsync(_before);
        _before = ended;
    }

    // The store holds another state now; nothing that the old member has in memory is of use.
    private async Task BeginAnewAsync()
    {
        await _host.LeaveAsync(Member.Assignment);
        if (_before is not null) await _host.LeaveAsync(_before);
        _before = null;
        Begin();
    }

    private void Begin()
    {
        (Directory, Member) = Join();
        Served.Continue((UnitMember)Member.Protocol, new Calls(Member.Loop));
        Member.OnOutput(Observe);
        Member.Start();
    }

    private (LinkedDirectory Directory, HostedMember<UnitMessage, UnitEvent> Member) Join()
    {
        var store = _host.StoreFor(_unitId);
        var directory = UnitEpochs.Open(store, _genesis, Ed25519Scheme.Instance);
        var assignment = UnitAssignment.Of(directory, directory.Find(_unitId)!, _host.NodeId)
            ?? throw new InvalidOperationException($"node {_host.NodeId} is no member of unit {_unitId}");
        var silent = _host.SilentThrough >= directory.CurrentEpoch;
        _keys.Mark.Used(directory.CurrentEpoch);
        var consensus = KeyOf(assignment.Committee[assignment.Self].ConsensusKey, directory.CurrentEpoch, silent);
        var member = new UnitMember(new UnitMemberParts(
            _unit, directory, _unitId, assignment.Self, consensus, _keys.Encryption, Ed25519Scheme.Instance, SystemRandom.Instance, store)
        {
            Silent = silent,
        });
        return (directory, _host.Join(assignment, member, store));
    }

    // A node that registered no key for an epoch goes on with the one it had.
    private SigningKey KeyOf(PublicKey registered, ulong epoch, bool silent)
    {
        for (var made = (long)epoch; made >= 0; made--)
        {
            if (!_keys.HasEpoch((ulong)made)) continue;
            var key = _keys.OpenEpoch((ulong)made);
            if (key.PublicKey != registered) continue;
            Volatile.Write(ref _keyEpoch, (ulong)made);
            return key;
        }
        // On its way back from an epoch whose key is erased: it signs nothing, so any key will do.
        return silent ? SigningKey.Generate(SystemRandom.Instance) : throw new RefusedException(NodeRefusals.RecordOfOtherKeys(KeyKinds.Consensus));
    }

    private sealed class Calls(MemberLoop<UnitMessage, UnitEvent> loop) : IMemberCalls
    {
        public Task<T> Ask<T>(Func<IEffects<UnitMessage, UnitEvent>, T> call) => loop.Ask(call);
    }
}
