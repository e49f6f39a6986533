using Protean.Runtime;
using Protean.Units.Compiler;
using Protean.Units.Directory;
using Protean.Units.Encryption;
using Protean.Units.Execution;
using Protean.Units.PrivateStorage;
using Protean.Units.Randomness;
using Protean.Units.State;
using Protean.Workflows;

namespace Protean.Units;

/// <summary>Every functional unit of this library, one line each.</summary>
public sealed class Catalog
{
    /// <param name="engine">The machine that runs contracts; everything else is in this library.</param>
    public Catalog(IContractEngine engine)
    {
        IFunctionalUnit[] units =
        [
            new DirectoryUnit(),
            new CompilerUnit(Published),
            new StateUnit(),
            new ExecutionUnit(engine),
            new RandomnessUnit(),
            new PrivateStorageUnit(),
            new EncryptionUnit(),
        ];
        Units = units;
    }

    /// <summary>Needs no engine: what workflows are checked against.</summary>
    public static IReadOnlyList<PublishedUnit> Published { get; } =
    [
        new("directory", DirectoryTransactions.All),
        new("compiler", CompilerTransactions.All),
        new("state", StateTransactions.All),
        new("execution", ExecutionTransactions.All),
        new("randomness", RandomnessTransactions.All),
        new("private-storage", PrivateStorageTransactions.All),
        new("encryption", EncryptionTransactions.All),
    ];

    public IReadOnlyList<IFunctionalUnit> Units { get; }

    /// <summary>The unit of a class, or null where this library has none.</summary>
    public IFunctionalUnit? Find(string unitClass) => Units.FirstOrDefault(unit => unit.Name == unitClass);
}
