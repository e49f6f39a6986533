using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;

namespace Protean.Sealing;

/// <summary>Signs the header of each executed height and gathers a quorum's equal signatures (protocols 2.2).</summary>
public sealed class Sealer(UnitContext context, Committee committee, MemberId self, SigningKey key, ISignatureScheme scheme, IStore store)
{
    private static readonly Bytes HeaderPrefix = Bytes.Of("seal/header/");
    private static readonly Bytes CertificatePrefix = Bytes.Of("seal/certificate/");
    private static readonly Bytes LastKey = Bytes.Of("seal/last");

    private readonly SortedDictionary<ulong, OpenHeight> _open = [];
    private readonly Recent<(MemberId, ulong)> _heard = new(Limits.SealWindow * Limits.MaxMembers);

    /// <summary>Signs nothing: this member lost what it had signed in this epoch.</summary>
    public bool Silent { get; set; }

    /// <summary>The header of the last executed height; null before the first.</summary>
    public SealHeader? LastHeader { get; private set; }

    /// <summary>The highest certified header this member holds.</summary>
    public SealedHeader? Last { get; private set; }

    /// <summary>Signatures had and needed for the lowest height that is executed and not certified, or null where there is none.</summary>
    public (ulong Height, int Have, int Need, IReadOnlyList<MemberId> Missing)? Waiting
    {
        get
        {
            foreach (var (height, open) in _open)
                if (open.Own is not null)
                    return (height, open.Agreeing.Count, committee.Quorum, [.. committee.Ids.Where(id => !open.Agreeing.ContainsKey(id))]);
            return null;
        }
    }

    /// <summary>Reads back what was sealed before a restart.</summary>
    public void Open()
    {
        if (store.Get(LastKey.Span) is { } last) Last = Canonical.Decode<SealedHeader>(last);
        foreach (var (_, value) in store.Scan(HeaderPrefix))
        {
            var header = Canonical.Decode<SealHeader>(value.Span);
            LastHeader = header;
            // Heights of the epoch before are that epoch's member's to seal.
            if (header.Context == context) AddOwn(header, SignUnlessSilent(header));
        }
        if (Last is not null && Last.Header.Height > (LastHeader?.Height ?? 0)) LastHeader = Last.Header;
    }

    /// <summary>The certified header of a height, where this member holds it.</summary>
    public SealedHeader? At(ulong height) =>
        Last is { } last && last.Header.Height == height ? last
        : store.Get(HeightKey(CertificatePrefix, height).Span) is { } bytes ? Canonical.Decode<SealedHeader>(bytes) : null;

    /// <summary>What this member's execution came to at a height of this epoch, sealed or not.</summary>
    public SealHeader? Executed(ulong height) =>
        store.Get(HeightKey(HeaderPrefix, height).Span) is { } bytes ? Canonical.Decode<SealHeader>(bytes) : At(height)?.Header;

    /// <summary>Makes a certified header, of state that was fetched, the last one; what the own execution had come to is left behind.</summary>
    public static void Adopt(IStore store, SealedHeader seal, StoreBatch batch)
    {
        foreach (var (key, _) in store.Scan(HeaderPrefix)) batch.Delete(key);
        batch.Put(HeightKey(CertificatePrefix, seal.Header.Height), Canonical.Encode(seal));
        batch.Put(LastKey, Canonical.Encode(seal));
    }

    /// <summary>The certificate of a height has served.</summary>
    public static void Drop(ulong height, StoreBatch batch) => batch.Delete(HeightKey(CertificatePrefix, height));

    /// <summary>Signs what execution of one height came to. The header goes into the batch that makes the execution durable.</summary>
    /// <returns>Null where this member is silent.</returns>
    public UnitMessage.SealVote? Seal(SealHeader header, StoreBatch batch)
    {
        batch.Put(HeightKey(HeaderPrefix, header.Height), Canonical.Encode(header));
        LastHeader = header;
        var signature = SignUnlessSilent(header);
        AddOwn(header, signature);
        return signature is { } signed ? new UnitMessage.SealVote(header.Height, header.Hash, signed) : null;
    }

    /// <summary>This member's votes for executed heights that are not certified, to be said again to members that may have missed them.</summary>
    public IEnumerable<UnitMessage.SealVote> OwnOpenVotes() =>
        from pair in _open
        where pair.Value.Own is not null && pair.Value.Agreeing.ContainsKey(self)
        select new UnitMessage.SealVote(pair.Key, pair.Value.Own!.Hash, pair.Value.Agreeing[self]);

    /// <summary>Executed heights that are not certified and that this member did not sign: it asks for their certificates, since no vote of its own
    /// does.</summary>
    public IEnumerable<ulong> UnsignedOpen() =>
        (from pair in _open where pair.Value.Own is not null && !pair.Value.Agreeing.ContainsKey(self) select pair.Key).Take(Limits.SealWindow);

    /// <summary>Another member's vote; verified once the own header of that height is known.</summary>
    /// <returns>The certified header where this member holds it already: the voter seems to lack it.</returns>
    public SealedHeader? Receive(MemberId from, UnitMessage.SealVote vote)
    {
        var executed = LastHeader?.Height ?? 0;
        if (vote.Height > executed + Limits.SealWindow) return null;
        var repeated = !_heard.Add((from, vote.Height));
        // A member that says its vote again lacks the others'; one that is merely slower will see the same quorum.
        if (vote.Height <= executed && !_open.ContainsKey(vote.Height)) return repeated ? At(vote.Height) : null;
        OpenAt(vote.Height).Votes.TryAdd(from, vote);
        return null;
    }

    /// <summary>A certified header from another member; false where it does not hold.</summary>
    public bool Accept(SealedHeader seal)
    {
        var height = seal.Header.Height;
        if (height > (LastHeader?.Height ?? 0) + Limits.SealWindow) return true;
        if (height <= (LastHeader?.Height ?? 0) && !_open.ContainsKey(height)) return true;
        if (!Holds(seal)) return false;
        OpenAt(height).Certified = seal;
        return true;
    }

    /// <summary>Whether a certified header is of this unit, epoch and committee, and a quorum's.</summary>
    public bool Holds(SealedHeader seal) =>
        seal.Header.Context == context
        && seal.Certificate.IsQuorumOf(committee)
        && seal.Certificate.SignaturesHold(committee, seal.Header.SignedPayload(), scheme);

    /// <summary>Heights newly certified, in order.</summary>
    /// <exception cref="DivergenceException">A quorum sealed another header than this member's execution came to.</exception>
    public IReadOnlyList<SealedHeader> Settle()
    {
        var settled = new List<SealedHeader>();
        foreach (var (height, open) in _open.ToArray())
        {
            if (open.Own is null) break;
            Count(open);
            var seal = open.Certified;
            if (seal is null && open.Agreeing.Count >= committee.Quorum) seal = new SealedHeader(open.Own, QuorumSignature.Of(committee.Size, open.Agreeing.Take(committee.Quorum)));
            if (seal is null) continue;
            if (seal.Header.Hash != open.Own.Hash) throw new DivergenceException(height, open.Own, seal.Header);
            Keep(height, seal);
            settled.Add(seal);
        }
        return settled;
    }

    private void Count(OpenHeight open)
    {
        foreach (var (from, vote) in open.Votes)
        {
            if (vote.SealHash == open.Own!.Hash)
            {
                if (!open.Agreeing.ContainsKey(from) && scheme.Verify(committee[from].ConsensusKey, open.Payload!, vote.Signature)) open.Agreeing.Add(from, vote.Signature);
            }
            else
            {
                open.Differing.Add(from);
            }
        }
        open.Votes.Clear();
        if (open.Differing.Count >= committee.Quorum) throw new DivergenceException(open.Own!.Height, open.Own, null);
    }

    private void Keep(ulong height, SealedHeader seal)
    {
        var batch = new StoreBatch();
        batch.Put(HeightKey(CertificatePrefix, height), Canonical.Encode(seal));
        batch.Delete(HeightKey(HeaderPrefix, height));
        _open.Remove(height);
        if (Last is null || Last.Header.Height < height)
        {
            Last = seal;
            batch.Put(LastKey, Canonical.Encode(seal));
        }
        store.Write(batch);
    }

    private void AddOwn(SealHeader header, Signature? signature)
    {
        var open = OpenAt(header.Height);
        open.Own = header;
        open.Payload = header.SignedPayload();
        if (signature is { } signed) open.Agreeing[self] = signed;
    }

    private Signature? SignUnlessSilent(SealHeader header) => Silent ? null : scheme.Sign(key, header.SignedPayload());

    private OpenHeight OpenAt(ulong height)
    {
        if (!_open.TryGetValue(height, out var open)) _open.Add(height, open = new OpenHeight());
        return open;
    }

    private static Bytes HeightKey(Bytes prefix, ulong height)
    {
        var key = new byte[prefix.Length + 8];
        prefix.Span.CopyTo(key);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(key.AsSpan(prefix.Length), height);
        return Bytes.Wrap(key);
    }

    private sealed class OpenHeight
    {
        public SealHeader? Own;
        public byte[]? Payload;
        public SealedHeader? Certified;
        public readonly SortedDictionary<MemberId, Signature> Agreeing = [];
        public readonly SortedSet<MemberId> Differing = [];
        public readonly SortedDictionary<MemberId, UnitMessage.SealVote> Votes = [];
    }
}

/// <summary>This member's execution and a quorum's differ: non-determinism or compromise. The member stops (protocols 2.2).</summary>
public sealed class DivergenceException(ulong height, SealHeader own, SealHeader? quorum)
    : Exception($"height {height}: own state root {own.StateRoot} results root {own.ResultsRoot}; a quorum sealed "
        + (quorum is null ? "something else" : $"state root {quorum.StateRoot} results root {quorum.ResultsRoot}"))
{
    public SealHeader Own { get; } = own;
    public SealHeader? Quorum { get; } = quorum;
}
