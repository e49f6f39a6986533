using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;
using Protean.Sealing;
using Protean.Workflows;
using Protean.Workflows.Language;

namespace Protean.Tests.Workflows;

/// <summary>A network of four members that serve in every unit, each with a key for each epoch: enough to seal whatever a test needs
/// sealed.</summary>
internal sealed class TestNetwork : IDirectory
{
    public const int Members = 4;
    private readonly Dictionary<(Digest Unit, ulong Epoch), Committee> _committees = [];

    public TestNetwork(string name = "test")
    {
        Genesis = new Genesis(name, 1, [], [], []);
        string[] classes = ["compiler", "state", "execution", "randomness"];
        Units = [.. classes.Select(unit => Entry(unit, 0)), Entry("execution", 1), Entry("state", 1)];
    }

    public Genesis Genesis { get; }
    public Digest ChainId => Genesis.ChainId;
    public ulong CurrentEpoch { get; set; } = 9;
    public IReadOnlyList<UnitEntry> Units { get; }

    public Committee? CommitteeOf(Digest unitId, ulong epoch)
    {
        if (epoch > CurrentEpoch || Units.All(unit => unit.UnitId != unitId)) return null;
        if (_committees.TryGetValue((unitId, epoch), out var known)) return known;
        var members = Enumerable.Range(1, Members).Select(i =>
            new Member(Hash.H("node", [(byte)i]), Key(unitId, epoch, i).PublicKey, default, default));
        return _committees[(unitId, epoch)] = new Committee([.. members], 3, 3);
    }

    public Digest Id(string unitClass, uint ordinal = 0) => this.Find(unitClass, ordinal)!.UnitId;

    public UnitContext Context(Digest unitId, ulong epoch) => new(ChainId, unitId, epoch, CommitteeOf(unitId, epoch)!.Hash);

    /// <summary>What all members of a unit say of a height.</summary>
    public static SealedHeader Sealed(SealHeader header, int signers = 3, ulong? keysOf = null)
    {
        var (unit, epoch) = (header.Context.UnitId, keysOf ?? header.Context.Epoch);
        var payload = header.SignedPayload();
        var signatures = Enumerable.Range(1, signers).Select(i =>
            KeyValuePair.Create(new MemberId((ushort)i), Key(unit, epoch, i).Sign(payload)));
        return new SealedHeader(header, QuorumSignature.Of(Members, signatures));
    }

    public SealHeader Header(Digest unitId, ulong epoch = 5, ulong height = 100, ulong timeMs = 1000, Digest stateRoot = default,
        Digest resultsRoot = default, uint results = 0) =>
        new(Context(unitId, epoch), height, Hash.H("block", []), timeMs, default, stateRoot, resultsRoot, results);

    /// <summary>A receipt for one leaf among three of a block.</summary>
    public Receipt Receipt(Digest unitId, ResultLeaf leaf, ulong epoch = 5)
    {
        byte[][] leaves = [[1], Canonical.Encode(leaf), [2]];
        return new Receipt(leaf, 1, MerkleTree.Path(leaves, 1),
            Sealed(Header(unitId, epoch, resultsRoot: MerkleTree.Root(leaves), results: 3)));
    }

    public SealedPlan Seal(Plan plan)
    {
        var outputs = new Outputs([new NamedValue(SealedPlan.Output, new Bytes(plan.Digest.Span)),
            new NamedValue("plan", new Bytes([1, 2]))]);
        var leaf = new ResultLeaf(Hash.H("x", []), 0, Hash.H("k", []), Hash.H("r", []), Hash.H("i", []), SealedPlan.Function,
            ResultStatus.Ok, outputs.Digest);
        return new SealedPlan(plan, Receipt(plan.CompilerUnit, leaf, plan.CompilerEpoch), outputs.Open(SealedPlan.Output));
    }

    public CompilerContext Compiler(ulong epoch = 5) => new(Id("compiler"), epoch, this, 0, Published);

    public static SigningKey Client { get; } = SigningKey.FromSeed(Hash.H("client", []).Span);
    public static SigningKey Other { get; } = SigningKey.FromSeed(Hash.H("other", []).Span);

    public static IReadOnlyList<PublishedUnit> Published { get; } =
    [
        new("execution", [Transaction("call",
            [new("contract", ValueKind.Digest, ""), new("method", ValueKind.Text, ""),
            new("argument", ValueKind.Bytes, "", Repeated: true), new(Admission.StateInput, ValueKind.Digest, "")],
            [new("effects", ValueKind.Effects, ""), new("output", ValueKind.Bytes, "")])]),
        new("state", [Transaction("commit", [new("effects", ValueKind.Effects, "", Repeated: true)], [new("height", ValueKind.U64, "")]),
            Transaction("write", [new("key", ValueKind.Bytes, ""), new("value", ValueKind.Bytes, "")], [], direct: true)]),
        new("randomness", [Transaction("draw", [new("about", ValueKind.Entries, "")],
            [new("value", ValueKind.Bytes, "")]) with { Infallible = true, Pending = true, OnceOnly = true },
            Transaction("mix", [new("seed", ValueKind.Bytes, ""), new("rounds", ValueKind.U64, "")], [new("value", ValueKind.Bytes, "")])]),
    ];

    public static IReadOnlyList<Transaction> TransactionsOf(string unitClass) =>
        Published.First(unit => unit.Class == unitClass).Transactions;

    public static Application Lottery { get; } = Application.Read(LotteryFile.Text, "lottery.yaml", Published, contract =>
        Hash.H("contract", Bytes.Of(contract.Name).Span)).Application!;

    public Instance Instance(IReadOnlyList<Workflow> workflows, params IReadOnlyList<(string Name, Bytes Value)> parameters) =>
        Protean.Workflows.Instance.Pin(this, workflows, new Instance(
        default, Id("state"), Other.PublicKey, "spring", 7, 4, 8, [],
            [.. parameters.OrderBy(pair => pair.Name, StringComparer.Ordinal).Select(pair => new NamedValue(pair.Name, pair.Value))], []));

    public Instance LotteryInstance =>
        Instance(Lottery.Workflows, ("price", Values.OfU64(10)), ("endOfSale", Values.OfU64(5000)), ("finalDeadline", Values.OfU64(9000)));

    private UnitEntry Entry(string unitClass, uint ordinal) =>
        new(new UnitSpec(unitClass, ordinal, [], 0, 0).UnitId(ChainId), unitClass, ordinal);

    private static SigningKey Key(Digest unit, ulong epoch, int member) =>
        SigningKey.FromSeed(Hash.H("member", new Encoder().Digest(unit).U64(epoch).U8((byte)member).Written).Span);

    private static Transaction Transaction(string name, IReadOnlyList<Field> inputs, IReadOnlyList<Field> outputs, bool direct = false) =>
        new(name, "", inputs, outputs, direct, false, false, [], []);
}
