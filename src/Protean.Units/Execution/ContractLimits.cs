namespace Protean.Units.Execution;

/// <summary>Bounds of one call and of what it hands to the state unit.</summary>
public static class ContractLimits
{
    /// <summary>A contract's code: twenty times the larger example, and a fraction of a second to compile.</summary>
    public const int MaxCode = 512 << 10;

    /// <summary>A method's name and arguments.</summary>
    public const int MaxInput = 256 << 10;

    /// <summary>What a call gives back.</summary>
    public const int MaxOutput = 256 << 10;

    /// <summary>A contract's own key, without the prefix of its namespace.</summary>
    public const int MaxKey = 256;

    /// <summary>A full key (<see cref="ContractKeys"/>).</summary>
    public const int MaxFullKey = ContractKeys.PrefixLength + MaxKey;

    /// <summary>One value in state.</summary>
    public const int MaxValue = 64 << 10;

    /// <summary>One scan's keys and values together: thousands of tickets.</summary>
    public const int MaxScan = 4 << 20;

    /// <summary>Distinct keys one tree of calls reads.</summary>
    public const int MaxReads = 8192;

    /// <summary>Prefixes one tree of calls scans.</summary>
    public const int MaxScans = 64;

    /// <summary>Distinct keys one tree of calls writes: a refund of thousands of tickets.</summary>
    public const int MaxWrites = 16384;

    /// <summary>Contracts running at once in one tree of calls: each keeps its memory until it returns.</summary>
    public const int MaxCallDepth = 8;

    /// <summary>A contract's message with its failure.</summary>
    public const int MaxMessage = 256;
}
