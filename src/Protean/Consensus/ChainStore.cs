using System.Buffers.Binary;
using Protean.Codec;
using Protean.Cryptography;
using Protean.Runtime;

namespace Protean.Consensus;

/// <summary>What consensus keeps in a member's store, for one epoch. Every change of one step goes into one batch.</summary>
/// <remarks>Keys: <c>"consensus/" epoch kind rest</c>, integers big-endian so that scans run in order.</remarks>
internal sealed class ChainStore(IStore store, ulong epoch)
{
    private const byte BlockKey = (byte)'b';
    private const byte TentativeKey = (byte)'t';
    private const byte FinalKey = (byte)'f';
    private const byte FinalityKey = (byte)'q';
    private const byte LastKey = (byte)'l';
    private const byte CertificateKey = (byte)'c';
    private const byte VoteKey = (byte)'v';
    private const byte ProposalKey = (byte)'p';
    private const byte EvidenceKey = (byte)'e';
    private const byte SilenceKey = (byte)'s';

    private StoreBatch _batch = new();

    // Scans begin here: a store may have to pass over everything that was deleted below.
    private ulong _pruned;
    private ulong _dropped;
    private bool _dropsEpochs = true;

    // Blocks, by name; those not final also by view, to find what to delete.
    public Block? Block(Digest id) => Read<Block>(Key(BlockKey, id));

    public void PutTentative(Block block)
    {
        Put(Key(BlockKey, block.Id), block);
        _batch.Put(Key(TentativeKey, block.View, block.Id), []);
    }

    public void DropTentative(ulong view, Digest id)
    {
        _batch.Delete(Key(BlockKey, id));
        _batch.Delete(Key(TentativeKey, view, id));
    }

    public IEnumerable<Block> Tentative() => [.. Scan(TentativeKey).Select(pair => Block(new Digest(pair.Key.Span[^Digest.Size..]))!)];

    // The finalised chain, by height, and the certificates that made it final.
    public void PutFinal(Block block)
    {
        _batch.Delete(Key(TentativeKey, block.View, block.Id));
        _batch.Put(Key(FinalKey, block.Height), block.Id.ToArray());
    }

    public void PutFinality(ulong height, Certificate certificate)
    {
        Put(Key(FinalityKey, height), certificate);
        _batch.Put(Key(LastKey), BigEndian(height));
    }

    /// <summary>What makes a block final at which this member's state was fetched.</summary>
    public void Adopt(ulong height, Certificate certificate, StoreBatch batch) =>
        batch.Put(Key(FinalityKey, height), Canonical.Encode(certificate));

    /// <summary>Final blocks up to a height have served; some of them go, the oldest first.</summary>
    public void DropFinal(ulong upTo)
    {
        var old = store.Scan(Key(FinalKey), Key(FinalKey, _dropped)).TakeWhile(pair => Number(pair.Key) <= upTo);
        foreach (var (key, id) in old.Take(Limits.MaxDeletedPerBlock))
        {
            _dropped = Number(key);
            _batch.Delete(key);
            _batch.Delete(Key(BlockKey, new Digest(id.Span)));
            _batch.Delete(Key(FinalityKey, _dropped));
        }
    }

    /// <summary>What earlier epochs have left has served; some of it goes.</summary>
    public void DropEpochsBefore(ulong first)
    {
        if (_dropsEpochs is false) return;
        _dropsEpochs = false;
        var end = Bytes.Wrap([.. "consensus/"u8, .. BigEndian(first)]);
        foreach (var (key, _) in store.Scan(Bytes.Of("consensus/")).TakeWhile(pair => pair.Key < end).Take(Limits.MaxDeletedPerBlock))
        {
            _dropsEpochs = true;
            _batch.Delete(key);
        }
    }

    /// <summary>This member signs nothing in this epoch any more.</summary>
    public void PutSilence() => _batch.Put(Key(SilenceKey), []);

    public bool IsSilent => store.Get(Key(SilenceKey).Span) is not null;

    public Certificate? Finality(ulong height) => Read<Certificate>(Key(FinalityKey, height));

    /// <summary>The last final height, or null before the first.</summary>
    public ulong? LastFinal => store.Get(Key(LastKey).Span) is { } height ? BinaryPrimitives.ReadUInt64BigEndian(height) : null;

    public Digest? Final(ulong height) => store.Get(Key(FinalKey, height).Span) is { } id ? new Digest(id) : null;

    public Block? FinalBlock(ulong height) => Final(height) is { } id ? Block(id) : null;

    /// <summary>The first certificate at or above a height, with the height of the block that it names.</summary>
    public (ulong Height, Certificate Certificate)? FinalityFrom(ulong height) =>
        store.Scan(Key(FinalityKey), Key(FinalityKey, height))
            .Select(pair => ((ulong, Certificate)?)(Number(pair.Key), Canonical.Decode<Certificate>(pair.Value.Span)))
            .FirstOrDefault();

    // What a restarted member must know of the views above the last final one.
    public void PutCertificate(Certificate certificate) =>
        Put(Key(CertificateKey, certificate.View, (byte)certificate.Vote.Kind), certificate);

    public void PutVote(SignedVote vote) => Put(Key(VoteKey, vote.Vote.View, (byte)vote.Vote.Kind), vote);

    /// <summary>Without the entries: they stand with the block.</summary>
    public void PutProposal(Proposal proposal) =>
        Put<ConsensusMessage>(Key(ProposalKey, proposal.View), proposal with { Block = new Block(proposal.Header, []) });

    public Proposal? Proposal(ulong view)
    {
        if (Read<ConsensusMessage>(Key(ProposalKey, view)) is not Proposal proposal) return null;
        return proposal with { Block = Block(proposal.Block.Id)! };
    }

    /// <summary>Views in which this member has proposed.</summary>
    public IEnumerable<ulong> Proposed() => [.. Scan(ProposalKey).Select(pair => Number(pair.Key))];

    public IEnumerable<Certificate> Certificates() =>
        [.. Scan(CertificateKey).Select(pair => Canonical.Decode<Certificate>(pair.Value.Span))];
    public IEnumerable<SignedVote> Votes() => [.. Scan(VoteKey).Select(pair => Canonical.Decode<SignedVote>(pair.Value.Span))];

    /// <summary>Votes, certificates and proposals up to this view have served.</summary>
    public void PruneViews(ulong view)
    {
        foreach (var kind in (ReadOnlySpan<byte>)[CertificateKey, VoteKey, ProposalKey])
            foreach (var (key, _) in store.Scan(Key(kind), Key(kind, _pruned)))
            {
                if (Number(key) > view) break;
                _batch.Delete(key);
            }
        _pruned = view;
    }

    public void PutEvidence(Evidence evidence) => Put(Key(EvidenceKey, evidence.Culprit.Index, (byte)evidence.Kind), evidence);
    public IEnumerable<Evidence> Evidence() => [.. Scan(EvidenceKey).Select(pair => Canonical.Decode<Evidence>(pair.Value.Span))];

    /// <summary>Writes what was put since the last time; call before anything leaves.</summary>
    public void Commit()
    {
        if (_batch.IsEmpty) return;
        store.Write(_batch);
        _batch = new StoreBatch();
    }

    private T? Read<T>(Bytes key) where T : class, ICanonical<T> => store.Get(key.Span) is { } value ? Canonical.Decode<T>(value) : null;
    private void Put<T>(Bytes key, T value) where T : ICanonical<T> => _batch.Put(key, Canonical.Encode(value));
    private IEnumerable<(Bytes Key, Bytes Value)> Scan(byte kind) => store.Scan(Key(kind));

    private Bytes Key(byte kind) => Bytes.Wrap(Start(kind).ToArray());
    private Bytes Key(byte kind, Digest id) => Bytes.Wrap(Start(kind).Digest(id).ToArray());
    private Bytes Key(byte kind, ulong number) => Bytes.Wrap(Start(kind).Raw(BigEndian(number)).ToArray());
    private Bytes Key(byte kind, ulong number, byte detail) => Bytes.Wrap(Start(kind).Raw(BigEndian(number)).U8(detail).ToArray());
    private Bytes Key(byte kind, ulong number, Digest id) => Bytes.Wrap(Start(kind).Raw(BigEndian(number)).Digest(id).ToArray());

    private Encoder Start(byte kind) => new Encoder().Raw("consensus/"u8).Raw(BigEndian(epoch)).U8(kind);
    private static int NumberAt => "consensus/"u8.Length + sizeof(ulong) + sizeof(byte);
    private static ulong Number(Bytes key) => BinaryPrimitives.ReadUInt64BigEndian(key.Span[NumberAt..]);

    private static byte[] BigEndian(ulong number)
    {
        var bytes = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, number);
        return bytes;
    }
}
