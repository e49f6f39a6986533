namespace Protean.Node.Keys;

/// <summary>What Argon2id costs whoever tries a passphrase; written into every key file.</summary>
/// <param name="Operations">Passes over the memory.</param>
/// <param name="Memory">Bytes.</param>
public sealed record KeyCost(ulong Operations, ulong Memory)
{
    /// <summary>Three passes over 256 MiB: libsodium's "moderate", under a second.</summary>
    public static KeyCost Operator { get; } = new(3, 256 << 20);

    /// <summary>One pass over 1 MiB: for networks on one's own machine, whose keys guard nothing.</summary>
    public static KeyCost Development { get; } = new(1, 1 << 20);
}
