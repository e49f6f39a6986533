using Protean.Membership;
using Protean.Runtime;
using Protean.Simulator.Runs;

namespace Protean.Cli.Simulation;

/// <summary>What runs may be of.</summary>
public static class Workloads
{
    /// <summary>A small unit with mock signatures: ordering, execution, sealing, admission.</summary>
    public const string Consensus = "consensus";

    /// <summary>The units of the catalog with real cryptography, one in each run.</summary>
    public const string All = "all";

    // The unit that deals, draws and keeps a beacon has the most to go wrong.
    private static readonly Func<IWorkload>[] Catalog =
    [
        static () => new RandomnessWorkload(), static () => new StateWorkload(), static () => new RandomnessWorkload(),
        static () => new CompilerWorkload(), static () => new PrivateStorageWorkload(), static () => new ExecutionWorkload(),
        static () => new DirectoryWorkload(), static () => new EncryptionWorkload(),
    ];

    public static bool HasKeys(string units) => units == All;

    public static Func<IWorkload> For(string units, ulong seed) =>
        units == All ? Catalog[(int)((seed + (seed / (ulong)Catalog.Length)) % (ulong)Catalog.Length)] : static () => new TallyWorkload();

    internal static Request.Direct Direct(Surroundings network, string function, ulong nonce, params IReadOnlyList<NamedValue> arguments) =>
        new(network.UnitId, Surroundings.Client.PublicKey, nonce, 1, function, arguments, [], Proofs.None);

    /// <summary>Does something several times while things go wrong.</summary>
    internal static void Spread(UnitRun run, int times, Action<ulong> act)
    {
        for (var i = 1; i <= times; i++)
        {
            var number = (ulong)i;
            run.After(run.Dice.Between(0, run.Duration), () => act(number));
        }
    }
}
