using Protean.Codec;
using Protean.Cryptography;
using Protean.KeyGeneration;
using Protean.Membership;
using Protean.Runtime;
using Protean.Sealing;
using Protean.State;

namespace Protean.Units.Directory;

/// <summary>Says who serves where and with which keys (paper 3.1; protocols 9). What does not stand in the genesis, others bring with
/// proof.</summary>
public sealed class DirectoryUnit : IFunctionalUnit
{
    /// <summary>Genesis parameter: milliseconds of block time in an epoch; 0, the default, is one epoch for good.</summary>
    public const string EpochLengthParameter = "epoch.lengthMs";

    /// <summary>The function of a leaf that seals a generated key.</summary>
    private const string KeyFunction = GeneratedKey.Function;

    internal static readonly (string Code, string Meaning) OtherKey = ("PRT-DIR-0103",
        "the unit has another key for this purpose; a key stays for good");

    public string Name => "directory";
    public IReadOnlyList<Transaction> Transactions => DirectoryTransactions.All;

    public void Join(IMembership membership)
    {
        var receipts = new ReceiptVerifier(membership.Directory, membership.Scheme, new VerifiedSeals());
        membership.Handle(DirectoryTransactions.RegisterKey.Name, call => RegisterKey(call, receipts));
        membership.Handle(DirectoryTransactions.RegisterEpochKey.Name, call =>
            RegisterEpochKey(call, membership.Context, membership.Directory));
        var length = membership.Genesis.Number(EpochLengthParameter, 0);
        if (length == 0) return;
        var next = membership.Record.Epoch + 1;
        var due = membership.Genesis.TimeMs + (next * length);
        membership.HandleDue(
            state => state.Get(DirectoryKeys.Epoch(next)) is null ? due : null,
            call => MakeRecord(call, membership.Record));
    }

    /// <summary>The next epoch's record, sealed: its receipt is the link that every unit's log ends the epoch with (protocols 9.6).</summary>
    private static void MakeRecord(DueCall call, EpochRecord current)
    {
        var record = EpochSuccession.NextRecord(call.State, current);
        call.State.Put(new MapEntry(DirectoryKeys.Epoch(record.Epoch), call.Height, Bytes.Empty, Bytes.Wrap(Canonical.Encode(record))));
        call.Seal(EpochLink.Function, EpochLink.SubjectOf(record.Epoch), EpochLink.OutputsOf(record));
    }

    private static Outcome RegisterKey(Call call, ReceiptVerifier receipts)
    {
        RegisteredKey key;
        try
        {
            key = Canonical.Decode<RegisteredKey>(call.Bytes("key").Span);
        }
        catch (MalformedException malformed)
        {
            return CallOutcomes.Malformed("PRT-DIR-0101", "the key is malformed", malformed);
        }
        if (NotAKey(key, receipts) is { } refusal) return new Outcome.Refused(refusal);
        var purpose = key.Outputs.Find("purpose")!.Value;
        var place = DirectoryKeys.Key(key.UnitId, purpose.ToText());
        if (call.State.Get(place) is not { } stored) call.State.Put(new MapEntry(place, call.Height, Bytes.Empty, call.Bytes("key")));
        else if (!Canonical.Decode<RegisteredKey>(stored.Value.Span).Outputs.Equals(key.Outputs))
            return new Outcome.Failed(OtherKey.Code, OtherKey.Meaning);
        return CallOutcomes.Ok(new NamedValue("purpose", purpose), CallOutcomes.Output("unit", key.UnitId));
    }

    // The unit's quorum vouches for the key itself; here it only matters that it is this unit's result, and a key's.
    private static Refusal? NotAKey(RegisteredKey key, ReceiptVerifier receipts)
    {
        var claim = new ReceiptClaim(key.UnitId, 0, receipts.Directory.CurrentEpoch, KeyFunction) { PlanDigest = Digest.Zero };
        if (receipts.Verify(key.Receipt, claim) is { } refusal) return refusal;
        var purpose = key.Outputs.Find("purpose");
        return key.Outputs.Digest == key.Receipt.Leaf.OutputDigest && purpose is { Length: > 0 and <= Limits.MaxName } name
            && Values.IsOf(ValueKind.Text, name.Span)
            ? null
            : new Refusal("PRT-DIR-0102", "the outputs are not those of the key's receipt", Expected: $"{key.Receipt.Leaf.OutputDigest}",
                Got: $"{key.Outputs.Digest}");
    }

    private static Outcome RegisterEpochKey(Call call, UnitContext unit, IDirectory directory)
    {
        var possession = call.Bytes("possession");
        if (possession.Length != Signature.Size)
            return new Outcome.Refused(new Refusal("PRT-DIR-0114", "a proof of possession has another length",
                Expected: $"{Signature.Size} bytes", Got: $"{possession.Length}"));
        var next = new NextKey(call.U64("epoch"), call.Key("consensusKey"));
        var asked = new NextKeyCase(call.Admitted.Caller!.Value, next, new Signature(possession.Span), unit, directory, call.State);
        if (NextKeyRules.Checks.FirstRefusal(asked) is { } refusal) return CallOutcomes.Failed(refusal);
        call.State.Put(new MapEntry(DirectoryKeys.Next(asked.NodeId), call.Height, Bytes.Empty, Bytes.Wrap(Canonical.Encode(next))));
        return CallOutcomes.Ok(CallOutcomes.Output("node", asked.NodeId));
    }
}
