using System.Buffers.Binary;
using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;
using Protean.Sealing;

namespace Protean.Units.PrivateStorage;

/// <summary>What the private-storage unit offers.</summary>
public static class PrivateStorageTransactions
{
    /// <summary>Inputs and outputs, as they are named in workflows and leaves.</summary>
    public const string SecretField = "secret", RequestField = "request", PolicyField = "policy", NonceField = "nonce", ReaderField = "reader",
        KeyField = "key", ReleaseField = "release", Reencrypted = "reencrypted", OpenedField = "opened", SharedField = "shared", CombinedField = "combined", VersionField = "version";

    public static readonly (string Code, string Meaning) NoKey = ("PRT-PST-0001", "the unit's key is not generated yet");
    public static readonly (string Code, string Meaning) NotDue = ("PRT-PST-0002", "what is to be opened is not due yet");
    public static readonly (string Code, string Meaning) UnknownSecret = ("PRT-PST-0031", "there is no such secret");
    public static readonly (string Code, string Meaning) NotToBeOpened = ("PRT-PST-0037", "the secret is for its readers, not for everybody");

    public static Transaction Write { get; } = new(
        "write", "Keeps a secret, encrypted under the unit's key, for those whom its policy allows to read it.",
        [new(SecretField, ValueKind.Bytes, "The canonical secret.")],
        [new(SecretField, ValueKind.Digest, "Names the secret.")],
        Direct: true, Infallible: false, Pending: false,
        [.. WriteRules.Checks.Select(static check => (check.Code, check.What))],
        [new(SecretField, Bytes.Empty)]);

    public static Transaction Read { get; } = new(
        "read", "Re-encrypts a secret's key to a reader whom the policy allows to read it. Granted or refused, the audit trail has it.",
        [new(RequestField, ValueKind.Bytes, "The canonical request: which secret, who, and the reader's key of this one read.")],
        [new(Reencrypted, ValueKind.Bytes, "32 bytes, of use to the reader alone.")],
        Direct: true, Infallible: false, Pending: true,
        [UnknownSecret, .. ReadRules.Checks.Select(static check => (check.Code, check.What))],
        [new(RequestField, Bytes.Empty)]);

    public static Transaction Reveal { get; } = new(
        "reveal", "Opens for everybody all secrets that were written in this run of the application to be opened at this time; all or none.",
        [new(ReleaseField, ValueKind.U64, "Milliseconds since 1970, of the unit's block time.")],
        OpenedOutputs,
        Direct: false, Infallible: true, Pending: true,
        [],
        [new(ReleaseField, Values.OfU64(1))])
    {
        OnceOnly = true,
    };

    public static Transaction Open { get; } = new(
        "open", "Opens for everybody one secret whose time has come.",
        [new(SecretField, ValueKind.Digest, "Which.")],
        OpenedOutputs,
        Direct: true, Infallible: false, Pending: true,
        [UnknownSecret, NotToBeOpened],
        [new(SecretField, Bytes.Wrap(new byte[Digest.Size]))]);

    public static Transaction Create { get; } = new(
        "create", "Makes a policy. The same again changes nothing.",
        [new(NonceField, ValueKind.Digest, "Random."), new(PolicyField, ValueKind.Bytes, "Its canonical first version.")],
        [new(PolicyField, ValueKind.Digest, "Names the policy.")],
        Direct: true, Infallible: false, Pending: false,
        [PolicyRules.NotFirst],
        [new(NonceField, Bytes.Wrap(new byte[Digest.Size])), new(PolicyField, Bytes.Empty)]);

    public static Transaction Evolve { get; } = Change(
        "evolve", "Replaces a policy's rules, for those whom its rule to evolve allows it.",
        [new(PolicyField, ValueKind.Bytes, "The canonical next version.")], [new(PolicyField, Bytes.Empty)]);

    public static Transaction Delegate { get; } = Change(
        "delegate", "Adds readers to a policy, for those whom its rule to delegate allows it.",
        [new(PolicyField, ValueKind.Digest, "Which."), new(ReaderField, ValueKind.Bytes, "A canonical expression: who may read as well.")],
        [new(PolicyField, Bytes.Wrap(new byte[Digest.Size])), new(ReaderField, Bytes.Empty)]);

    public static Transaction Revoke { get; } = Change(
        "revoke", "Takes a reader out of a policy, whichever way it was in, for those whom its rule to revoke allows it.",
        [new(KeyField, ValueKind.Key, "Whose."), new(PolicyField, ValueKind.Digest, "Which.")],
        [new(KeyField, Bytes.Wrap(new byte[PublicKey.Size])), new(PolicyField, Bytes.Wrap(new byte[Digest.Size]))]);

    public static IReadOnlyList<Transaction> All { get; } = [Write, Read, Reveal, Open, Create, Evolve, Delegate, Revoke];

    private static Field[] OpenedOutputs =>
    [
        new(CombinedField, ValueKind.Bytes, "64 bytes that follow from all of them, by hashing: as random as any single one of them is."),
        new(OpenedField, ValueKind.Entries, "What was written, in the order of the log, each under its number (u64, big-endian) and its owner's key."),
        new(SharedField, ValueKind.Bytes, "The points that open the secrets, in the same order: everybody can check them against the commitments."),
    ];

    /// <summary>The name under which an opened secret stands.</summary>
    public static Bytes NameOfOpened(ulong number, PublicKey owner)
    {
        var name = new byte[sizeof(ulong) + PublicKey.Size];
        BinaryPrimitives.WriteUInt64BigEndian(name, number);
        owner.Span.CopyTo(name.AsSpan(sizeof(ulong)));
        return Bytes.Wrap(name);
    }

    internal static Outputs Opened(IReadOnlyList<(Bytes Key, Bytes Value)> opened, Bytes shared)
    {
        var entries = Values.OfEntries(opened);
        return new([new(CombinedField, Combine(entries)), new(OpenedField, entries), new(SharedField, shared)]);
    }

    /// <summary>SHA512("PROTEAN-REVEAL-OUT-v1" || opened). Never by adding: a copied or related value could cancel another.</summary>
    public static Bytes Combine(Bytes opened) => Bytes.Wrap(Hash.Sha512([.. "PROTEAN-REVEAL-OUT-v1"u8, .. opened.Span]));

    private static Transaction Change(string name, string summary, Field[] inputs, NamedValue[] example) => new(
        name, summary, inputs, [new(VersionField, ValueKind.U64, "The version that counts from now on.")],
        Direct: true, Infallible: false, Pending: false,
        [.. PolicyRules.Checks.Select(static check => (check.Code, check.What))], example);
}
