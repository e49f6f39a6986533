using Protean.Codec;
using Protean.Cryptography;

namespace Protean.Units.Execution;

/// <summary>Published contracts in the execution unit's data: named by their content, so they never change (protocols 8.6).</summary>
public static class PublishedContracts
{
    /// <summary>contractId = H("protean/contract/v1", execUnitId || code).</summary>
    public static Digest IdOf(Digest executionUnit, ReadOnlySpan<byte> code) => Hash.H("protean/contract/v1", executionUnit.Span, code);

    /// <summary><c>"contract/" || contractId[32]</c>: the code.</summary>
    public static Bytes Key(Digest contract) => Bytes.Wrap([.. "contract/"u8, .. contract.Span]);
}
