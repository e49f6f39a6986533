using Protean.Codec;
using Protean.Cryptography;

namespace Protean.Membership;

/// <summary>A name and a value, as parameters, arguments, outputs and tags are written.</summary>
public sealed record NamedValue(string Name, Bytes Value) : ICanonical<NamedValue>
{
    public void Encode(Encoder to) => to.Text(Name).Bytes(Value.Span);
    public static NamedValue Decode(ref Decoder from) => new(from.Text(Limits.MaxName), new Bytes(from.Bytes(Limits.MaxValue)));
}

/// <summary>A node as it stands in the directory (protocols 9.1).</summary>
/// <param name="IdentityKey">Ed25519, for the node's whole life; signs this record.</param>
/// <param name="Operator">Who answers for it.</param>
/// <param name="ConsensusKey">Ed25519, of one epoch.</param>
/// <param name="EncryptionKey">EK, ristretto255.</param>
/// <param name="PvssKey">ristretto255 over the base of protocols 4.2.</param>
/// <param name="TransportKey">SubjectPublicKeyInfo (DER) of the ECDSA P-256 key in the node's TLS certificate.</param>
/// <param name="PeerAddress">host:port for other nodes.</param>
/// <param name="ApiAddress">URL for clients.</param>
/// <param name="ValidFrom">First epoch of this record.</param>
/// <param name="Possession">Proofs that the node holds the secrets of its consensus, encryption and PVSS keys, 64 bytes each.</param>
/// <param name="IdentitySignature">Over SignMsg("node", everything before it).</param>
public sealed record NodeRecord(
    PublicKey IdentityKey,
    string Operator,
    PublicKey ConsensusKey,
    PublicKey EncryptionKey,
    PublicKey PvssKey,
    Bytes TransportKey,
    string PeerAddress,
    string ApiAddress,
    byte Tier,
    IReadOnlyList<string> Capabilities,
    ulong Stake,
    IReadOnlyList<NamedValue> Tags,
    ulong ValidFrom,
    PossessionProofs Possession,
    Signature IdentitySignature) : ICanonical<NodeRecord>
{
    public Digest NodeId => NodeIdOf(IdentityKey);
    public static Digest NodeIdOf(PublicKey identityKey) => Hash.H("protean/node/v1", identityKey.Span);
    public Member ToMember() => new(NodeId, ConsensusKey, EncryptionKey, PvssKey);

    /// <summary>What <see cref="IdentitySignature"/> signs.</summary>
    public byte[] SignedPayload()
    {
        var body = new Encoder();
        EncodeUnsigned(body);
        return body.ToSignMsg("node");
    }

    public void Encode(Encoder to)
    {
        EncodeUnsigned(to);
        to.Signature(IdentitySignature);
    }

    private void EncodeUnsigned(Encoder to) => to
        .Key(IdentityKey).Text(Operator).Key(ConsensusKey).Key(EncryptionKey).Key(PvssKey)
        .Bytes(TransportKey.Span).Text(PeerAddress).Text(ApiAddress).U8(Tier)
        .List(Capabilities, static (e, name) => e.Text(name)).U64(Stake).List(Tags).U64(ValidFrom)
        .Value(Possession);

    public static NodeRecord Decode(ref Decoder from) => new(
        from.Key(), from.Text(Limits.MaxName), from.Key(), from.Key(), from.Key(),
        new Bytes(from.Bytes(Limits.MaxAddress)), from.Text(Limits.MaxAddress), from.Text(Limits.MaxAddress), from.U8(),
        from.List(Limits.MaxParameters, static (ref Decoder d) => d.Text(Limits.MaxName)), from.U64(),
        from.List<NamedValue>(Limits.MaxParameters), from.U64(), from.Value<PossessionProofs>(), from.Signature());
}

/// <summary>Proofs of possession, 64 bytes each: an Ed25519 signature for the consensus key, c || z for the ristretto255 keys (protocols 0.2).</summary>
public sealed record PossessionProofs(Signature Consensus, Signature Encryption, Signature Pvss) : ICanonical<PossessionProofs>
{
    public void Encode(Encoder to) => to.Signature(Consensus).Signature(Encryption).Signature(Pvss);
    public static PossessionProofs Decode(ref Decoder from) => new(from.Signature(), from.Signature(), from.Signature());
}

/// <summary>A unit as the genesis lays it down; <paramref name="Ordinal"/> tells units of one class apart.</summary>
public sealed record UnitSpec(string Class, uint Ordinal, IReadOnlyList<Digest> Members, ushort Quorum, ushort Threshold) : ICanonical<UnitSpec>
{
    public Digest UnitId(Digest chainId) =>
        new Encoder().Digest(chainId).Text(Class).U32(Ordinal).ToHash("protean/unit/v1");

    public void Encode(Encoder to) => to.Text(Class).U32(Ordinal).List(Members, static (e, id) => e.Digest(id)).U16(Quorum).U16(Threshold);

    public static UnitSpec Decode(ref Decoder from) => new(
        from.Text(Limits.MaxName), from.U32(), from.List(Limits.MaxMembers, static (ref Decoder d) => d.Digest()), from.U16(), from.U16());
}

/// <summary>The first record of a network; its hash is the network's name, <see cref="ChainId"/> (protocols 0.2).</summary>
public sealed record Genesis(
    string Name, ulong TimeMs, IReadOnlyList<NodeRecord> Nodes, IReadOnlyList<UnitSpec> Units, IReadOnlyList<NamedValue> Parameters) : ICanonical<Genesis>
{
    private const byte Version = 1;
    /// <summary>The network's name. Hashed anew at each asking; <see cref="IDirectory.ChainId"/> remembers it.</summary>
    public Digest ChainId => new Encoder().Value(this).ToHash("protean/genesis/v1");

    /// <summary>A parameter that is a number (8 bytes, little-endian), or <paramref name="otherwise"/> where it is not set.</summary>
    public ulong Number(string parameter, ulong otherwise)
    {
        if (Parameters.FirstOrDefault(known => known.Name == parameter) is not { } set) return otherwise;
        var from = new Decoder(set.Value.Span);
        var number = from.U64();
        from.End();
        return number;
    }

    public Committee CommitteeOf(UnitSpec unit)
    {
        var nodes = Nodes.ToDictionary(node => node.NodeId);
        return new Committee([.. unit.Members.Select(id => nodes[id].ToMember())], unit.Quorum, unit.Threshold);
    }

    public void Encode(Encoder to) => to.U8(Version).Text(Name).U64(TimeMs).List(Nodes).List(Units).List(Parameters);

    public static Genesis Decode(ref Decoder from)
    {
        var version = from.U8();
        if (version != Version) throw new MalformedException($"genesis version {version}, {Version} expected");
        return new Genesis(from.Text(Limits.MaxName), from.U64(), from.List<NodeRecord>(Limits.MaxNodes), from.List<UnitSpec>(Limits.MaxUnits),
            from.List<NamedValue>(Limits.MaxParameters));
    }
}
