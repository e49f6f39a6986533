using Protean.Codec;
using Protean.Cryptography;

namespace Protean.Units.Contracts;

/// <summary>A key that a call read, with the version it saw, or none where the key was absent.</summary>
public sealed record ReadEffect(Bytes Key, ulong? Version) : ICanonical<ReadEffect>
{
    public void Encode(Encoder to) => to.Bytes(Key.Span).Optional(Version, static (e, version) => e.U64(version));

    public static ReadEffect Decode(ref Decoder from) =>
        new(new Bytes(from.Bytes(Limits.MaxContractFullKey)), from.Optional(static (ref Decoder d) => d.U64()));
}

/// <summary>A prefix that a call read as a whole, with the hash of the subtree it saw.</summary>
public sealed record PrefixEffect(Bytes Prefix, Digest SubtreeHash) : ICanonical<PrefixEffect>
{
    public void Encode(Encoder to) => to.Bytes(Prefix.Span).Digest(SubtreeHash);

    public static PrefixEffect Decode(ref Decoder from) => new(new Bytes(from.Bytes(Limits.MaxContractFullKey)), from.Digest());
}

/// <summary>A key that a contract set, or deleted where the value is null.</summary>
public sealed record WriteEffect(Digest Contract, Bytes Key, Bytes? Value) : ICanonical<WriteEffect>
{
    public void Encode(Encoder to) =>
        to.Digest(Contract).Bytes(Key.Span).Optional(Value, static (e, value) => e.Bytes(value.Span));

    public static WriteEffect Decode(ref Decoder from) =>
        new(from.Digest(), new Bytes(from.Bytes(Limits.MaxContractFullKey)),
            from.Optional(static (ref Decoder d) => new Bytes(d.Bytes(Limits.MaxContractValue))));
}

/// <summary>All that a completed call, with every call nested in it, read and wrote (protocols 8.6). Keys are full keys;
/// each list is strictly ascending by key, so there is one form.</summary>
public sealed class Effects : ICanonical<Effects>, IEquatable<Effects>
{
    /// <summary>The transaction of execution units whose receipts state units commit.</summary>
    public const string Function = "call";

    /// <summary>Its output that holds the effects.</summary>
    public const string OutputName = "effects";

    public Effects(IReadOnlyList<ReadEffect> reads, IReadOnlyList<PrefixEffect> prefixes, IReadOnlyList<WriteEffect> writes, Bytes output)
    {
        RequireAscending(reads, static read => read.Key);
        RequireAscending(prefixes, static prefix => prefix.Prefix);
        RequireAscending(writes, static write => write.Key);
        (Reads, Prefixes, Writes, Output) = (reads, prefixes, writes, output);
    }

    /// <summary>Keys read from state; a key that the call wrote before it read it is not here.</summary>
    public IReadOnlyList<ReadEffect> Reads { get; }

    public IReadOnlyList<PrefixEffect> Prefixes { get; }

    /// <summary>The last write of each key; it lies in the prefix of the contract that made it.</summary>
    public IReadOnlyList<WriteEffect> Writes { get; }

    /// <summary>What the contract that was called first gave back.</summary>
    public Bytes Output { get; }

    public void Encode(Encoder to) => to.List(Reads).List(Prefixes).List(Writes).Bytes(Output.Span);

    public static Effects Decode(ref Decoder from) =>
        new(from.List<ReadEffect>(Limits.MaxCallReads), from.List<PrefixEffect>(Limits.MaxCallScans),
            from.List<WriteEffect>(Limits.MaxCallWrites), new Bytes(from.Bytes(Limits.MaxCallOutput)));

    public bool Equals(Effects? other) =>
        other is not null && Reads.SequenceEqual(other.Reads) && Prefixes.SequenceEqual(other.Prefixes)
        && Writes.SequenceEqual(other.Writes) && Output == other.Output;

    public override bool Equals(object? obj) => Equals(obj as Effects);

    public override int GetHashCode() => Output.GetHashCode() ^ (Writes.Count << 16) ^ Reads.Count;

    private static void RequireAscending<T>(IReadOnlyList<T> items, Func<T, Bytes> key)
    {
        for (var i = 1; i < items.Count; i++)
            if (key(items[i - 1]) >= key(items[i]))
                throw new MalformedException($"effects not strictly ascending by key at {i}");
    }
}
