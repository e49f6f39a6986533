using Protean.Codec;
using Protean.Cryptography;
using Protean.Runtime;

namespace Protean.Units.Directory;

/// <summary>What the directory unit offers.</summary>
public static class DirectoryTransactions
{
    public static Transaction RegisterKey { get; } = new(
        "register-key", "Keeps a unit's threshold key, by the receipt of its generation. Anyone may bring it; again, it changes nothing.",
        [new("key", ValueKind.Bytes, "Receipt and outputs of the key generation, canonical.")],
        [new("purpose", ValueKind.Text, "What alone the key is used for."), new("unit", ValueKind.Digest, "Whose key it is.")],
        Direct: true, Infallible: false, Pending: false,
        [DirectoryUnit.OtherKey],
        [new("key", Bytes.Empty)]);

    public static Transaction RegisterEpochKey { get; } = new(
        "register-epoch-key", "Keeps a node's consensus key for the next epoch. The node asks, with its identity key; the last key counts.",
        [
            new("consensusKey", ValueKind.Key, "The new key."),
            new("epoch", ValueKind.U64, "The next epoch."),
            new("possession", ValueKind.Bytes, "The new key's signature over its proof of possession, 64 bytes."),
        ],
        [new("node", ValueKind.Digest, "Whose key it is.")],
        Direct: true, Infallible: false, Pending: false,
        [.. NextKeyRules.Checks.Select(static check => (check.Code, check.What))],
        [new("consensusKey", new Bytes(new byte[PublicKey.Size])), new("epoch", Values.OfU64(1)),
            new("possession", new Bytes(new byte[Signature.Size]))]);

    public static IReadOnlyList<Transaction> All { get; } = [RegisterKey, RegisterEpochKey];
}
