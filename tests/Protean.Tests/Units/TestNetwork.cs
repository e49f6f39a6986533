using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;
using Protean.Sealing;

namespace Protean.Tests.Units;

/// <summary>Four nodes that serve in one unit of each class; what they seal verifies.</summary>
internal sealed class TestNetwork : IDirectory
{
    private static readonly string[] Classes = ["directory", "compiler", "state", "execution", "randomness", "private-storage", "encryption"];
    private readonly SigningKey[] _consensus = Keys(100);

    public TestNetwork(string name = "test")
    {
        Identities = Keys(200);
        NodeRecord[] nodes = [.. Identities.Select((identity, i) => new NodeRecord(
            identity.PublicKey, "operator", _consensus[i].PublicKey, default, default, Bytes.Empty, "", "", 0, [], 0, [], 0,
                new PossessionProofs(default, default, default), default))];
        Genesis = new Genesis(name, 1, nodes,
            [.. Classes.Select(unitClass => new UnitSpec(unitClass, 0, [.. nodes.Select(node => node.NodeId)], 3, 3))], []);
        Units = [.. Genesis.Units.Select(unit => new UnitEntry(unit.UnitId(ChainId), unit.Class, unit.Ordinal))];
        Committee = Genesis.CommitteeOf(Genesis.Units[0]);
    }

    public Genesis Genesis { get; }
    public Digest ChainId => Genesis.ChainId;
    public ulong CurrentEpoch { get; set; }
    public IReadOnlyList<UnitEntry> Units { get; }
    public Committee Committee { get; }
    public SigningKey[] Identities { get; }
    public Committee? CommitteeOf(Digest unitId, ulong epoch) =>
        epoch <= CurrentEpoch && Units.Any(unit => unit.UnitId == unitId) ? Committee : null;
    public Digest IdOf(string unitClass) => this.Find(unitClass)!.UnitId;
    public UnitContext ContextOf(string unitClass) => new(ChainId, IdOf(unitClass), CurrentEpoch, Committee.Hash);

    /// <summary>A height of a unit with this state, sealed by three of four.</summary>
    public SealedHeader Seal(string unitClass, ulong height, Digest stateRoot, params IReadOnlyList<ResultLeaf> results)
    {
        var header = new SealHeader(
            ContextOf(unitClass), height, Digest.Zero, height, Digest.Zero, stateRoot,
                MerkleTree.Root([.. results.Select(Canonical.Encode)]), (uint)results.Count);
        var signatures = Committee.Ids.Take(3).Select(id => KeyValuePair.Create(id, _consensus[id.Index - 1].Sign(header.SignedPayload())));
        return new SealedHeader(header, QuorumSignature.Of(4, signatures));
    }

    public Receipt Receipt(string unitClass, ResultLeaf leaf) => new(leaf, 0, [], Seal(unitClass, 1, Digest.Zero, leaf));

    public static SigningKey Key(ulong seed) => SigningKey.Generate(new SeededRandom(seed));

    private static SigningKey[] Keys(ulong seed) => [.. Enumerable.Range(0, 4).Select(i => Key(seed + (ulong)i))];
}
