using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;
using Protean.Sealing;
using Protean.Workflows;

namespace Protean.Simulator.Runs;

/// <summary>The network around one unit: its genesis, everybody's keys, and other units whose members sign whatever a run needs
/// signed.</summary>
public sealed class Surroundings
{
    /// <summary>A unit that the run plays: what is awaited of it happens when the run says so.</summary>
    public const string Oracle = "oracle";

    private const int MostMembers = 19;

    private static readonly SigningKey[] ConsensusKeys = [.. Enumerable.Range(0, MostMembers).Select(i => KeyOf("member", i))];
    private static readonly SecretScalar[] EncryptionKeys =
        [.. Enumerable.Range(0, MostMembers).Select(i => SecretScalar.Random(new SeededRandom((ulong)i)))];

    public Surroundings(int size, string unitClass, ISignatureScheme scheme, IReadOnlyList<NamedValue> parameters)
    {
        Scheme = scheme;
        NodeRecord[] nodes = [.. Enumerable.Range(0, size).Select(Record)];
        Digest[] members = [.. nodes.Select(node => node.NodeId)];
        string[] classes = [.. new[] { unitClass, PlanVerifier.CompilerClass, PlanVerifier.StateClass, Oracle }.Distinct()];
        var units = classes.Select(name =>
            new UnitSpec(name, 0, members, Committee.DefaultQuorum(size), Committee.DefaultThreshold(size)));
        Directory = new LinkedDirectory(new Genesis("simulated", 1_800_000_000_000, nodes, [.. units], parameters));
        UnitId = IdOf(unitClass);
        Committee = Directory.CommitteeOf(UnitId, 0)!;
    }

    public ISignatureScheme Scheme { get; }
    public LinkedDirectory Directory { get; }

    /// <summary>The unit that runs.</summary>
    public Digest UnitId { get; }

    public Committee Committee { get; }
    public UnitContext Context => ContextOf(UnitId);

    /// <summary>The most members that may be Byzantine, whatever the committee says of itself.</summary>
    public int Faulty => (Committee.Size - 1) / 3;

    public static SigningKey Client { get; } = KeyOf("client", 0);
    public static SigningKey Stranger { get; } = KeyOf("client", 1);

    public static SigningKey IdentityKey(MemberId member) => KeyOf("identity", member.Index - 1);
    public static SigningKey ConsensusKey(MemberId member) => ConsensusKeys[member.Index - 1];
    public static SecretScalar EncryptionKey(MemberId member) => EncryptionKeys[member.Index - 1];

    public Digest IdOf(string unitClass) => Directory.Find(unitClass)!.UnitId;
    public UnitContext ContextOf(Digest unit, ulong epoch = 0) => new(Directory.ChainId, unit, epoch, Committee.Hash);

    /// <summary>What members say with these signatures; by default a quorum with its own.</summary>
    public QuorumSignature Sign(byte[] payload, IEnumerable<MemberId>? signers = null) => QuorumSignature.Of(
        Committee.Size,
        (signers ?? Committee.Ids.Take(Committee.Size - Faulty))
            .Select(id => KeyValuePair.Create(id, Scheme.Sign(ConsensusKey(id), payload))));

    /// <summary>A height of another unit, sealed.</summary>
    public SealedHeader Seal(string unitClass, ulong height, ulong timeMs, Digest resultsRoot = default, uint results = 0, Digest stateRoot = default)
    {
        var header = new SealHeader(
            ContextOf(IdOf(unitClass)), height, Hash.H("simulated/block", BitConverter.GetBytes(height)), timeMs, default, stateRoot, resultsRoot, results);
        return new SealedHeader(header, Sign(header.SignedPayload()));
    }

    /// <summary>A plan as the compiler unit would seal it.</summary>
    /// <param name="by">Whose receipt stands for the compiler's.</param>
    public SealedPlan Compile(Plan plan, string by = PlanVerifier.CompilerClass)
    {
        var outputs = new Outputs([new NamedValue(SealedPlan.Output, new Bytes(plan.Digest.Span))]);
        var leaf = new ResultLeaf(
            Hash.H("simulated/compile", []), 0, Hash.H("simulated/key", plan.Digest.Span), default, default, SealedPlan.Function, ResultStatus.Ok, outputs.Digest);
        var receipt = new Receipt(leaf, 0, [], Seal(by, 1, 1, MerkleTree.Root([Canonical.Encode(leaf)]), 1));
        return new SealedPlan(plan, receipt, outputs.Open(SealedPlan.Output));
    }

    private NodeRecord Record(int i) => new(
        KeyOf("identity", i).PublicKey, $"operator {i}", ConsensusKeys[i].PublicKey, new PublicKey(EncryptionKeys[i].MultiplyBase().Span), default,
        Bytes.Empty, "", "", 0, [], 0, [], 0, new PossessionProofs(default, default, default), default);

    private static SigningKey KeyOf(string kind, int i) => SigningKey.FromSeed(Hash.H($"simulated/{kind}", [(byte)i]).Span);
}
