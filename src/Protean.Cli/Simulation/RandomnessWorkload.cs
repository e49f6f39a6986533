using Protean.Codec;
using Protean.Cryptography;
using Protean.KeyGeneration;
using Protean.Membership;
using Protean.Runtime;
using Protean.Simulator.Campaigns;
using Protean.Simulator.Runs;
using Protean.Units.Randomness;

namespace Protean.Cli.Simulation;

/// <summary>Draws and a beacon, from the dealing of the key on; every value is checked by its shares, without the unit's word.</summary>
internal sealed class RandomnessWorkload : IWorkload
{
    private const int Draws = 8;
    private const ulong WindowMs = 500, BeaconMs = 5000;

    public IFunctionalUnit Unit { get; } = new RandomnessUnit();
    public ISignatureScheme Scheme => Ed25519Scheme.Instance;
    public string Shared => RandomnessTransactions.Draw.Name;

    public IReadOnlyList<NamedValue> Parameters { get; } =
        [new(Beacon.PeriodParameter, Values.OfU64(BeaconMs)), new("keygen.windowMs", Values.OfU64(WindowMs))];

    public bool IsReady(UnitReads member) => member.Key(RandomnessUnit.KeyPurpose) is not null;
    public void Begin(UnitRun run) => Workloads.Spread(run, Draws, number => run.Ask(Draw(run, number), done => Check(run, done)));
    public Request Probe(UnitRun run, ulong nonce) => Draw(run, nonce);
    public Request? SharedProbe(UnitRun run, ulong nonce) => Draw(run, nonce);

    private static Request.Direct Draw(UnitRun run, ulong number) =>
        Workloads.Direct(run.Network, RandomnessTransactions.Draw.Name, number, new NamedValue(RandomnessTransactions.About, Values.OfU64(number)));

    private static void Check(UnitRun run, Reply.Done done)
    {
        if (run.Reads?.Key(RandomnessUnit.KeyPurpose) is not { } reading) return;
        var wrong = reading.Record.Verify(reading.Outputs, run.Network.Context, run.Network.Committee, run.Network.Scheme, out var key);
        Invariants.ReceiptsHold.Require(wrong is null, () => $"the record of the unit's key does not hold: {wrong}");
        var refusal = RandomnessRecord.Verify(done.Record, key!, done.Receipt.Leaf, done.Outputs);
        Invariants.RandomnessFixed.Require(refusal is null, () => $"a value is not what the unit's key makes of the request: {refusal}");
    }
}
