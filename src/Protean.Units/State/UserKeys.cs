using Protean.Codec;
using Protean.Cryptography;

namespace Protean.Units.State;

/// <summary>Where users' own entries lie: <c>"u/" || public key[32] || "/" || path</c>. The key in the name is the one that may make the
/// entry, so
/// nobody can take another's names beforehand; afterwards the entry's owner counts.</summary>
public static class UserKeys
{
    private const int PrefixLength = 2 + PublicKey.Size + 1;

    /// <param name="holder">Whose names these are.</param>
    /// <param name="path">At least one byte.</param>
    public static Bytes Full(PublicKey holder, ReadOnlySpan<byte> path) => Bytes.Wrap([.. "u/"u8, .. holder.Span, (byte)'/', .. path]);

    /// <summary>Whose name this is, or null where it is no user's.</summary>
    public static PublicKey? HolderOf(Bytes key)
    {
        var span = key.Span;
        return span.Length > PrefixLength && span.StartsWith("u/"u8) && span[PrefixLength - 1] == '/'
            ? new PublicKey(span.Slice(2, PublicKey.Size)) : null;
    }
}
