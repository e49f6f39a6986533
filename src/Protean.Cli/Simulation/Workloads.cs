using Protean.Simulator.Runs;

namespace Protean.Cli.Simulation;

/// <summary>What runs may be of.</summary>
public static class Workloads
{
    /// <summary>A small unit with mock signatures: ordering, execution, sealing, admission.</summary>
    public const string Consensus = "consensus";

    /// <summary>The units of the catalog with real cryptography.</summary>
    public const string All = "all";

    public static bool HasKeys(string units) => units == All;

    public static Func<IWorkload> For(string units, ulong seed) => static () => new TallyWorkload();
}
