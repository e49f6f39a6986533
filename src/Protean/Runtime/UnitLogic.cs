using Protean.Codec;
using Protean.Consensus;
using Protean.Cryptography;
using Protean.KeyGeneration;
using Protean.Membership;
using Protean.Sealing;
using Protean.State;

namespace Protean.Runtime;

/// <summary>The unit's handlers with what they ask of their membership.</summary>
internal sealed class UnitLogic : IMembership
{
    /// <summary>Topic of a member's word for a pending result.</summary>
    public const string DoneTopic = "done";

    private readonly UnitMemberParts _parts;
    private readonly Dictionary<string, Func<PendingResult, ISharedResult>> _pending = [];
    private readonly Admission _admission;

    public UnitLogic(UnitMemberParts parts)
    {
        _parts = parts;
        Context = parts.Context;
        Decoded = new DecodedEntries(link => parts.Directory.Refusal(link, parts.Scheme) is null);
        var windows = GenerationWindows.From(parts.Directory.Genesis);
        KeyGenerations = new KeyGenerations(parts.Unit.KeyPurposes, (keys, purpose) =>
        {
            var epoch = KeyGenerator.EpochOf(keys, purpose) ?? Epoch;
            var committee = parts.Directory.CommitteeOf(Context.UnitId, epoch)!;
            var generator = new KeyGenerator(purpose, new UnitContext(Context.ChainId, Context.UnitId, epoch, committee.Hash), committee, windows);
            return (generator, new KeyHolder(generator, parts.Self, parts.EncryptionSecret, parts.Random, parts.Store));
        });
        parts.Unit.Join(this);
        _admission = new Admission(new RememberedSignatures(parts.Scheme), new VerifiedSeals());
    }

    public UnitContext Context { get; }
    public Genesis Genesis => _parts.Directory.Genesis;
    public Committee Committee => _parts.Committee;
    public MemberId Self => _parts.Self;
    public IDirectory Directory => _parts.Directory;
    public EpochRecord Record => _parts.Directory.Current;
    public IRandom Random => _parts.Random;
    public ISignatureScheme Scheme => _parts.Scheme;
    public ulong Epoch => Context.Epoch;
    public KeyGenerations KeyGenerations { get; }
    public DecodedEntries Decoded { get; }
    public Dictionary<string, Func<Call, Outcome>> Handlers { get; } = new(StringComparer.Ordinal);
    public Dictionary<string, Func<Query, Answer>> Queries { get; } = new(StringComparer.Ordinal);
    public Dictionary<string, Action<DoneCall>> Done { get; } = new(StringComparer.Ordinal);
    public (Func<MapView, ulong?> Next, Action<DueCall> Execute)? Due { get; private set; }

    /// <summary>For people: "randomness".</summary>
    public string UnitName => _parts.Unit.Name;

    public ThresholdKey? Key(string purpose) => KeyGenerations.Key(purpose);

    public void Handle(string transaction, Func<Call, Outcome> execute)
    {
        if (_parts.Unit.Transactions.All(known => known.Name != transaction)) throw new InvalidOperationException($"{UnitName} does not publish {transaction}");
        Handlers.Add(transaction, execute);
    }

    public void HandlePending(string function, Func<PendingResult, ISharedResult> begin) => _pending.Add(function, begin);

    public void HandleDone(string function, Action<DoneCall> execute) => Done.Add(function, execute);

    public void HandleDue(Func<MapView, ulong?> next, Action<DueCall> execute) => Due = (next, execute);

    public void HandleQuery(string name, Func<Query, Answer> answer) => Queries.Add(name, answer);

    public ISharedResult BeginPending(PendingResult pending) => _pending[pending.Function](pending);

    /// <summary>Whether a receipt, of whichever epoch, is this unit's.</summary>
    public bool Holds(Receipt receipt) =>
        receipt.Header.Context.UnitId == Context.UnitId
        && new ReceiptVerifier(_parts.Directory, _parts.Scheme, new VerifiedSeals()).Verify(receipt.Seal) is null
        && MerkleTree.Verify(
            receipt.Header.ResultsRoot, receipt.Header.ResultsCount, receipt.Index, Canonical.Encode(receipt.Leaf), receipt.Path);

    public bool IsSigned(Contribution contribution) => contribution.IsSigned(Context, Committee, _parts.Scheme);

    public Contribution Sign(string topic, Digest subject, Bytes payload) =>
        Contribution.Create(Context, Self, topic, subject, payload, _parts.ConsensusKey, _parts.Scheme);

    /// <summary>Judges a request as of one place in the log.</summary>
    public AdmissionDecision Admit(Request request, MapView replay, ulong height, ulong timeMs) => _admission.Admit(
        request,
        new AdmissionContext(
            Context.UnitId, Epoch, height, timeMs, _parts.Unit.Transactions, Directory, replay));
}
