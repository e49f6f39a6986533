using Protean.Codec;
using Protean.Cryptography;
using Protean.Runtime;
using Protean.Sealing;

namespace Protean.Membership;

/// <summary>The step from one epoch to the next: the record, and the old directory committee's word for it, which is the receipt of the
/// duty that made it (protocols 9.6).</summary>
public sealed record EpochLink(EpochRecord Record, Receipt Receipt) : ICanonical<EpochLink>
{
    /// <summary>The directory's duty that makes records, and its subject: the epoch that begins.</summary>
    public const string Function = "epoch";

    /// <summary>What the receipt's output digest opens to.</summary>
    public static Outputs OutputsOf(EpochRecord record) => new([new NamedValue("record", Bytes.Wrap(Canonical.Encode(record)))]);

    public static Bytes SubjectOf(ulong epoch) => Bytes.Wrap(new Encoder().U64(epoch).ToArray());

    public void Encode(Encoder to) => to.Value(Record).Value(Receipt);
    public static EpochLink Decode(ref Decoder from) => new(from.Value<EpochRecord>(), from.Value<Receipt>());
}

/// <summary>The directory as a chain of epoch records, each linked to the one before, from the genesis on.</summary>
public sealed class LinkedDirectory : IDirectory
{
    private readonly IReadOnlyList<EpochRecord> _records;

    public LinkedDirectory(Genesis genesis) : this(genesis, genesis.ChainId, [EpochRecord.OfGenesis(genesis)], [])
    {
    }

    private LinkedDirectory(Genesis genesis, Digest chainId, IReadOnlyList<EpochRecord> records, IReadOnlyList<EpochLink> links)
    {
        (Genesis, ChainId, _records, Links) = (genesis, chainId, records, links);
        Units = [.. Current.Units.Select(unit => new UnitEntry(unit.UnitId, unit.Class, unit.Ordinal))];
    }

    public Genesis Genesis { get; }
    public Digest ChainId { get; }
    public EpochRecord Current => _records[^1];
    public ulong CurrentEpoch => Current.Epoch;
    public IReadOnlyList<UnitEntry> Units { get; }

    /// <summary>The links so far, the first into epoch 1.</summary>
    public IReadOnlyList<EpochLink> Links { get; }

    public Committee? CommitteeOf(Digest unitId, ulong epoch) =>
        epoch < (ulong)_records.Count ? _records[(int)epoch].Units.FirstOrDefault(unit => unit.UnitId == unitId)?.Committee : null;

    /// <summary>What a link must pass to follow the current record, in order.</summary>
    public static Requirements<(LinkedDirectory Directory, EpochLink Link, ReceiptVerifier Receipts)> Checks { get; } = new(
        new("PRT-EPO-0001", "the record must be the next epoch's", "Bring the links in order.", static c =>
            c.Link.Record.Epoch == c.Directory.CurrentEpoch + 1 ? null : new Finding($"{c.Link.Record.Epoch}", $"{c.Directory.CurrentEpoch + 1}")),
        new("PRT-EPO-0002", "the record must name the one before it", "Ask another node for the link.", static c =>
            c.Link.Record.PreviousHash == c.Directory.Current.Hash ? null : new Finding($"{c.Link.Record.PreviousHash}", $"{c.Directory.Current.Hash}")),
        new("PRT-EPO-0003", "this program must know the rules that the epoch's members execute", "Update the program.", static c =>
            c.Link.Record.LibraryVersion == EpochRecord.Library ? null : new Finding(c.Link.Record.LibraryVersion, EpochRecord.Library)),
        new("PRT-EPO-0004", "the directory's committee of the epoch before must have sealed it", "Ask another node for the link.", static c =>
            Finding.Of(c.Receipts.Verify(c.Link.Receipt, c.Directory.ClaimOfLink()))),
        new("PRT-EPO-0005", "the receipt must be of this record", "Ask another node for the link.", static c =>
            EpochLink.OutputsOf(c.Link.Record).Digest == c.Link.Receipt.Leaf.OutputDigest ? null : new Finding("another record's")));

    /// <summary>Null where the link follows.</summary>
    public Refusal? Refusal(EpochLink link, ISignatureScheme scheme, string? without = null) =>
        Checks.FirstRefusal((this, link, new ReceiptVerifier(this, scheme, new VerifiedSeals())), $"epoch {link.Record.Epoch}", without);

    /// <summary>The chain with one link more.</summary>
    /// <exception cref="RefusedLinkException">The link does not follow.</exception>
    public LinkedDirectory With(EpochLink link, ISignatureScheme scheme) =>
        Refusal(link, scheme) is { } refusal
            ? throw new RefusedLinkException(refusal)
            : new LinkedDirectory(Genesis, ChainId, [.. _records, link.Record], [.. Links, link]);

    private ReceiptClaim ClaimOfLink() =>
        new(this.Find("directory")?.UnitId ?? Digest.Zero, CurrentEpoch, CurrentEpoch, EpochLink.Function) { PlanDigest = Digest.Zero, ReplayKey = RequestDigests.Duty(EpochLink.Function, EpochLink.SubjectOf(CurrentEpoch + 1)) };
}

/// <summary>A link that should have followed, since a quorum or the own store vouched for it, does not.</summary>
public sealed class RefusedLinkException(Refusal refusal) : Exception(refusal.ToString())
{
    public Refusal Refusal { get; } = refusal;
}
