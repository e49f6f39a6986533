namespace Protean.Wasm.Modules;

/// <summary>A host function as a contract imports it: parameters and result are all <c>i32</c>.</summary>
internal sealed record HostSignature(int Parameters, bool HasResult);

/// <summary>Every function of the import module <c>protean</c> (docs/contracts.md).</summary>
internal static class HostSignatures
{
    public const string Module = "protean";

    public static readonly SortedDictionary<string, HostSignature> All = new(StringComparer.Ordinal)
    {
        ["input_length"] = new(0, true),
        ["input_read"] = new(1, false),
        ["output"] = new(2, false),
        ["caller_kind"] = new(0, true),
        ["caller_read"] = new(1, false),
        ["self_read"] = new(1, false),
        ["instance_read"] = new(1, true),
        ["take"] = new(1, false),
        ["state_get"] = new(2, true),
        ["state_put"] = new(4, false),
        ["state_delete"] = new(2, false),
        ["scan"] = new(2, true),
        ["call_contract"] = new(3, true),
        ["fail"] = new(3, false),
        ["sha256"] = new(3, false),
        ["sha512"] = new(3, false),
        ["blake2b256"] = new(3, false),
        ["ed25519_verify"] = new(4, true),
        ["ristretto255_add"] = new(3, true),
        ["ristretto255_subtract"] = new(3, true),
        ["ristretto255_multiply"] = new(3, true),
        ["ristretto255_multiply_base"] = new(2, true),
        ["ristretto255_from_hash"] = new(2, false),
        ["ristretto255_reduce"] = new(2, false),
    };
}
