using System.Text;
using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;

namespace Protean.Tests.Client;

/// <summary>Four nodes with all their keys and proofs, that serve together in every unit.</summary>
internal sealed class GenesisFixture
{
    public const int Size = 4;
    public const ulong StartMs = 1_700_000_000_000;

    public GenesisFixture(IReadOnlyList<string> classes, Func<int, string>? address = null)
    {
        var random = new SeededRandom(7);
        Identities = [.. Enumerable.Range(0, Size).Select(_ => SigningKey.Generate(random))];
        ConsensusKeys = [.. Enumerable.Range(0, Size).Select(_ => SigningKey.Generate(random))];
        EncryptionKeys = [.. Enumerable.Range(0, Size).Select(_ => SecretScalar.Random(random))];
        NodeRecord[] nodes = [.. Enumerable.Range(0, Size).Select(i => Node(i, address?.Invoke(i) ?? $"http://node-{i + 1}/", random))];
        Digest[] members = [.. nodes.Select(static node => node.NodeId)];
        var units = classes.Select(unitClass =>
            new UnitSpec(unitClass, 0, members, Committee.DefaultQuorum(Size), Committee.DefaultThreshold(Size)));
        Genesis = new Genesis(Name, StartMs, nodes, [.. units], [new NamedValue("keygen.windowMs", Protean.Runtime.Values.OfU64(500))]);
    }

    public Genesis Genesis { get; }
    public SigningKey[] Identities { get; }
    public SigningKey[] ConsensusKeys { get; }
    public SecretScalar[] EncryptionKeys { get; }

    private static string Name => "test";

    private NodeRecord Node(int i, string address, IRandom random)
    {
        var identity = Identities[i].PublicKey;
        using var pvssSecret = SecretScalar.Random(random);
        var pvssKey = pvssSecret.Multiply(KeyKinds.PvssBase);
        byte[] Context(string kind) =>
            ProofOfPossession.GenesisContext(Encoding.UTF8.GetBytes(Name), StartMs, NodeRecord.NodeIdOf(identity), 0, kind);
        var possession = new PossessionProofs(
            ProofOfPossession.Prove(Context(KeyKinds.Consensus), ConsensusKeys[i]),
            new Signature(ProofOfPossession.Prove(Context(KeyKinds.Encryption), Point.Base, EncryptionKeys[i], random).Encode()),
            new Signature(ProofOfPossession.Prove(Context(KeyKinds.Pvss), KeyKinds.PvssBase, pvssSecret, random).Encode()));
        var record = new NodeRecord(
            identity, $"operator {i}", ConsensusKeys[i].PublicKey, new PublicKey(EncryptionKeys[i].MultiplyBase().Span),
            new PublicKey(pvssKey.Span), TransportKey(identity),
            $"node-{i + 1}:1", address, 0, [], 0, [], 0, possession, default);
        return record with { IdentitySignature = Identities[i].Sign(record.SignedPayload()) };
    }

    // Of the form of a P-256 key; nobody connects with it.
    private static Bytes TransportKey(PublicKey identity) => Bytes.Wrap(
        [.. Convert.FromHexString("3059301306072a8648ce3d020106082a8648ce3d03010703420004"), .. identity.Span, .. identity.Span]);
}
