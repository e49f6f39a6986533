using System.Globalization;
using Protean.Codec;
using Protean.Runtime;

namespace Protean.Workflows.Language;

/// <summary>Turns one workflow of a file into its canonical form; notes what names nothing.</summary>
internal sealed class WorkflowScope
{
    private readonly YamlMapping _workflow;
    private readonly List<UnitName> _units = [];
    private readonly List<string> _steps = [];
    private readonly SortedSet<string> _used = new(StringComparer.Ordinal);
    private readonly Dictionary<(int Step, string Part), Place> _places = [];

    public WorkflowScope(ApplicationScope application, string name, YamlMapping workflow)
    {
        (Application, Name, _workflow) = (application, name, workflow);
        foreach (var (key, input) in ApplicationScope.Entries(workflow, "client")) Inputs.Add(key.Value, Literals.Input(key.Value, input));
    }

    public ApplicationScope Application { get; }
    public string Name { get; }
    public SortedDictionary<string, ClientInput> Inputs { get; } = new(StringComparer.Ordinal);

    /// <summary>Names of the steps before the one at hand.</summary>
    public IReadOnlyList<string> Steps => _steps;

    public Workflow? Lower()
    {
        var before = Application.Errors.List.Count;
        var steps = new List<Step>();
        foreach (var piece in ((YamlList)_workflow.Find("steps")!).Items)
        {
            steps.Add(new StepScope(this, (YamlMapping)piece, steps).Lower());
            _steps.Add(steps[^1].Name);
        }
        if (Application.Errors.List.Count > before) return null;
        return Build(steps) is { } workflow && KeepsRules(workflow) ? workflow : null;
    }

    public ushort Unit(string text)
    {
        var parts = text.Split('#');
        var unit = new UnitName(parts[0], parts.Length == 1 ? 0 : uint.Parse(parts[1], CultureInfo.InvariantCulture));
        if (!_units.Contains(unit)) _units.Add(unit);
        return (ushort)_units.IndexOf(unit);
    }

    public Transaction? Find(string unit, string function) =>
        Application.Units.FirstOrDefault(published => published.Class == unit.Split('#')[0])?.Find(function);

    /// <summary>Whether the application declares the parameter; the workflow then lists it.</summary>
    public bool Parameter(string name, Place place)
    {
        if (Application.Parameters.ContainsKey(name))
        {
            _used.Add(name);
            return true;
        }
        Application.Errors.Add(place, "PRT-WFL-0021", "no such parameter", Nearest.Of(name, Application.Parameters.Keys),
            name, "Declare it under params.");
        return false;
    }

    /// <summary>Where a part of a step stands, for the rules.</summary>
    public void Note(string part, Place place) => _places[(_steps.Count, part)] = place;

    // Encoding and decoding again applies every limit of the canonical form.
    private Workflow? Build(List<Step> steps)
    {
        try
        {
            var parameters = _used.Select(name => new Parameter(name, Application.Parameters[name]));
            return Canonical.Decode<Workflow>(Canonical.Encode(new Workflow(Name, [.. parameters], [.. Inputs.Values], _units, steps)));
        }
        catch (MalformedException wrong)
        {
            Application.Errors.Add(_workflow.Place, "PRT-WFL-0030", $"the workflow has no canonical form: {wrong.Message}",
                advice: "Make it smaller, or split it.");
            return null;
        }
    }

    private bool KeepsRules(Workflow workflow)
    {
        var violations = WorkflowRules.Check(workflow, Application.Units);
        foreach (var violation in violations)
            Application.Errors.Add(_places.TryGetValue((violation.Step, violation.Part), out var place) ? place
                : _places[(violation.Step, "")], violation.Refusal);
        return violations.Count == 0;
    }
}
