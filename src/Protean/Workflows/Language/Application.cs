using Protean.Codec;
using Protean.Cryptography;
using Protean.Runtime;

namespace Protean.Workflows.Language;

/// <summary>A contract of an application: its name in the file, and where its code lies.</summary>
public sealed record ContractFile(string Name, string Path);

/// <summary>A workflow file, read and checked.</summary>
/// <param name="Contracts">In the file's order.</param>
/// <param name="Parameters">What an instance must fix, whichever workflow uses it.</param>
/// <param name="Workflows">In the file's order, in canonical form.</param>
public sealed record Application(string Name, IReadOnlyList<ContractFile> Contracts, IReadOnlyList<Parameter> Parameters,
    IReadOnlyList<Workflow> Workflows)
{
    /// <summary>Reads a file of the workflow language (docs/workflows.md).</summary>
    /// <param name="text">Its content.</param>
    /// <param name="file">Its name, for errors.</param>
    /// <param name="units">What the network's units publish.</param>
    /// <param name="contractId">The identifier that a contract's code has on the network; null where the code is not at hand. Left out,
    /// contracts are not looked at,
    /// and the workflows are good for checking only.</param>
    public static ApplicationReading Read(string text, string file, IReadOnlyList<PublishedUnit> units, Func<ContractFile,
        Digest?>? contractId = null)
    {
        var errors = new FileErrors(file);
        var root = YamlReader.Read(text, errors);
        if (root is not null) ShapeCheck.Check(root, Shapes.Definitions["application"], errors);
        if (root is null || errors.Any) return new ApplicationReading(null, errors.List);
        var application = new ApplicationScope((YamlMapping)root, units, errors, contractId).Lower();
        return new ApplicationReading(errors.Any ? null : application, errors.List);
    }
}

/// <summary>An application, or everything that is wrong with its file, in order of place.</summary>
public sealed record ApplicationReading(Application? Application, IReadOnlyList<FileError> Errors);

/// <summary>What all workflows of one file see: its parameters and contracts, and what the network publishes.</summary>
internal sealed class ApplicationScope
{
    private static readonly YamlMapping Nothing = new([], default);

    private readonly YamlMapping _root;
    private readonly SortedDictionary<string, Digest> _contracts = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, ValueKind> _parameters = new(StringComparer.Ordinal);
    private readonly List<ContractFile> _files = [];

    public ApplicationScope(YamlMapping root, IReadOnlyList<PublishedUnit> units, FileErrors errors, Func<ContractFile,
        Digest?>? contractId)
    {
        (_root, Units, Errors) = (root, units, errors);
        foreach (var (key, kind) in Entries(root, "params")) _parameters.Add(key.Value, Literals.KindOf(((YamlScalar)kind).Value));
        foreach (var (key, path) in Entries(root, "contracts")) AddContract(new ContractFile(key.Value, ((YamlScalar)path).Value),
            path.Place, contractId);
    }

    public IReadOnlyList<PublishedUnit> Units { get; }
    public FileErrors Errors { get; }
    public IReadOnlyDictionary<string, Digest> Contracts => _contracts;
    public IReadOnlyDictionary<string, ValueKind> Parameters => _parameters;

    public Application Lower()
    {
        var workflows = new List<Workflow>();
        foreach (var (key, workflow) in Entries(_root, "workflows"))
            if (new WorkflowScope(this, key.Value, (YamlMapping)workflow).Lower() is { } lowered) workflows.Add(lowered);
        return new Application(((YamlScalar)_root.Find("name")!).Value, _files,
            [.. _parameters.Select(static pair => new Parameter(pair.Key, pair.Value))], workflows);
    }

    public static IReadOnlyList<(YamlScalar Key, YamlPiece Value)> Entries(YamlMapping mapping, string key) =>
        ((mapping.Find(key) as YamlMapping) ?? Nothing).Entries;

    private void AddContract(ContractFile contract, Place place, Func<ContractFile, Digest?>? contractId)
    {
        _files.Add(contract);
        if (contractId is null) _contracts.Add(contract.Name, Digest.Zero);
        else if (contractId(contract) is { } id) _contracts.Add(contract.Name, id);
        else Errors.Add(place, "PRT-WFL-0032", "the contract's code is not there", "a WebAssembly module",
            contract.Path, "Build the contract, or correct the path.");
    }
}
