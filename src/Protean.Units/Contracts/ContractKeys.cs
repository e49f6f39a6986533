using System.Diagnostics.CodeAnalysis;
using Protean.Codec;
using Protean.Cryptography;

namespace Protean.Units.Contracts;

/// <summary>Where a contract's state lies in the state unit: <c>"c/" || execution unit[32] || "/" || contract[32] || "/" || key</c>
/// (protocols 8.6).</summary>
public static class ContractKeys
{
    /// <summary>Bytes before the contract's own key.</summary>
    public const int PrefixLength = 2 + Digest.Size + 1 + Digest.Size + 1;

    public static Bytes Prefix(Digest executionUnit, Digest contract) => Full(executionUnit, contract, []);

    /// <param name="executionUnit">The unit whose contracts these are.</param>
    /// <param name="contract">The contract that owns the key.</param>
    /// <param name="key">The key as the contract names it; also a prefix of keys.</param>
    public static Bytes Full(Digest executionUnit, Digest contract, ReadOnlySpan<byte> key)
    {
        var full = new byte[PrefixLength + key.Length];
        "c/"u8.CopyTo(full);
        executionUnit.Span.CopyTo(full.AsSpan(2));
        full[34] = (byte)'/';
        contract.Span.CopyTo(full.AsSpan(35));
        full[67] = (byte)'/';
        key.CopyTo(full.AsSpan(PrefixLength));
        return Bytes.Wrap(full);
    }

    /// <summary>The part of a full key that the contract itself sees.</summary>
    public static ReadOnlySpan<byte> Relative(ReadOnlySpan<byte> fullKey) => fullKey[PrefixLength..];

    /// <summary>Whose key a full key is; false for keys outside every contract.</summary>
    public static bool TryOwner(
        ReadOnlySpan<byte> fullKey, [NotNullWhen(true)] out Digest? executionUnit, [NotNullWhen(true)] out Digest? contract)
    {
        (executionUnit, contract) = (null, null);
        if (fullKey.Length < PrefixLength || !fullKey.StartsWith("c/"u8) || fullKey[34] != '/' || fullKey[67] != '/') return false;
        (executionUnit, contract) = (new Digest(fullKey[2..34]), new Digest(fullKey[35..67]));
        return true;
    }
}
