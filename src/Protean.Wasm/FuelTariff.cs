namespace Protean.Wasm;

/// <summary>What host functions cost. An instruction of a contract costs 1, a byte of memory.copy or memory.fill 1 more (the pinned
/// engine's count); one unit is about a nanosecond of the machine in docs/contracts.md. Part of consensus: change only with the
/// version.</summary>
public static class FuelTariff
{
    /// <summary>Beginning a call, at the top or nested: an instance of the contract with its memory.</summary>
    public const ulong Call = 50_000;

    /// <summary>Crossing into the host, in every host function.</summary>
    public const ulong Host = 200;

    /// <summary>Each byte that crosses.</summary>
    public const ulong Byte = 1;

    public const ulong StateRead = 2_000;
    public const ulong StateWrite = 2_000;

    /// <summary>Each byte of a written key and value: it is proven, hashed and kept by every member of the state unit.</summary>
    public const ulong StateWriteByte = 10;

    public const ulong Scan = 5_000;
    public const ulong ScanEntry = 500;

    public const ulong Hash = 500;
    public const ulong HashByte = 5;
    public const ulong Ed25519Verify = 80_000;
    public const ulong Ristretto255Add = 20_000;
    public const ulong Ristretto255Multiply = 100_000;
    public const ulong Ristretto255MultiplyBase = 35_000;
    public const ulong Ristretto255FromHash = 25_000;
}
