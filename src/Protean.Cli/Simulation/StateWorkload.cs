using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;
using Protean.Sealing;
using Protean.Simulator.Campaigns;
using Protean.Simulator.Runs;
using Protean.Units.State;

namespace Protean.Cli.Simulation;

/// <summary>A user who writes its entries one change after another: none is lost, none comes twice, none is stale. Beside it, clients that
/// share registers.</summary>
internal sealed class StateWorkload : IWorkload
{
    private const int Entries = 5;

    private readonly SortedDictionary<int, (ulong Version, Bytes Value)> _written = [];
    private ulong _nonce;
    private SharedRegisters? _registers;
    private bool _ended;

    public IFunctionalUnit Unit { get; } = new StateUnit();
    public ISignatureScheme Scheme => Ed25519Scheme.Instance;
    public IReadOnlyList<NamedValue> Parameters => [];

    public void Begin(UnitRun run)
    {
        for (var i = 0; i < Entries; i++)
        {
            var entry = i;
            run.After(run.Dice.Between(0, run.Duration), () => Write(run, entry));
        }
        run.After(run.Duration, () => _ended = true);
        _registers = new SharedRegisters(run, (nonce, change) => Asking(run, nonce, change));
        _registers.Begin();
    }

    public Request Probe(UnitRun run, ulong nonce) => Change(run, nonce, Entries, Values.OfU64(nonce));

    public void CheckEnd(UnitRun run, UnitState state)
    {
        foreach (var (entry, (version, value)) in _written)
            Invariants.NothingLost.Require(
                state.Data.Get(KeyOf(entry)) is { } stored && stored.Version == version && stored.Value == value,
                () => $"entry {entry} is not as it was last written");
        _registers!.CheckEnd();
    }

    private void Write(UnitRun run, int entry)
    {
        var value = Values.OfU64(++_nonce);
        run.Ask(Change(run, _nonce, entry, value), done =>
        {
            Invariants.NothingLost.Require(
                done.Receipt.Leaf.Status == ResultStatus.Ok, () => $"a write to entry {entry} ended {done.Receipt.Leaf.Status} though nobody else writes it");
            _written[entry] = (System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(done.Outputs.Find("version")!.Value.Span), value);
            if (!_ended) run.After(run.Dice.Between(0, 2000), () => Write(run, entry));
        });
    }

    private Request.Direct Change(UnitRun run, ulong nonce, int entry, Bytes value)
    {
        ulong? seen = _written.TryGetValue(entry, out var last) ? last.Version : null;
        return Asking(run, nonce, new Change(KeyOf(entry), seen, value));
    }

    private static Request.Direct Asking(UnitRun run, ulong nonce, Change change) =>
        Workloads.Direct(run.Network, StateTransactions.Write.Name, nonce, new NamedValue("change", Bytes.Wrap(Canonical.Encode(change))));

    private static Bytes KeyOf(int entry) => UserKeys.Full(Surroundings.Client.PublicKey, [(byte)entry]);
}
