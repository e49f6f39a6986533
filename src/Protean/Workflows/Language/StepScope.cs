using System.Globalization;
using Protean.Runtime;

namespace Protean.Workflows.Language;

/// <summary>Turns one step of a file into its canonical form.</summary>
internal sealed class StepScope
{
    private readonly WorkflowScope _workflow;
    private readonly YamlMapping _step;
    private readonly List<Step> _earlier;
    private readonly SortedSet<ushort> _dependencies = [];
    private readonly Bindings _bindings;
    private readonly string _unit;
    private readonly string _function;

    public StepScope(WorkflowScope workflow, YamlMapping step, List<Step> earlier)
    {
        (_workflow, _step, _earlier) = (workflow, step, earlier);
        var run = Text(step, "run").Split('.');
        (_unit, _function) = (run[0], run[1]);
        _bindings = new Bindings(workflow, StepNamed);
    }

    private FileErrors Errors => _workflow.Application.Errors;

    public Step Lower()
    {
        var name = Text(_step, "id");
        if (_workflow.Steps.Contains(name))
            Errors.Add(_step.Find("id")!.Place, "PRT-WFL-0028", "two steps have one name", "a name of its own", name);
        _workflow.Note("", _step.Place);
        foreach (var (key, value) in _step.Entries) _workflow.Note(key.Value, value.Place);
        var unit = _workflow.Unit(_unit);
        var arguments = Arguments();
        foreach (var after in (_step.Find("after") as YamlList)?.Items ?? []) StepNamed(((YamlScalar)after).Value, after.Place);
        MakeUpFor();
        var barrier = _step.Find("when") is YamlMapping when ? new Barriers(_workflow, _bindings, unit).Lower(when) : null;
        return new Step(name, unit, _function, arguments, [.. _dependencies], barrier, Authorization(), Scope(), null);
    }

    private List<Argument> Arguments()
    {
        var arguments = new List<Argument>();
        foreach (var (key, value) in ApplicationScope.Entries(_step, "with").OrderBy(static entry =>
            entry.Key.Value, StringComparer.Ordinal))
        {
            _workflow.Note(key.Value, value.Place);
            var field = _workflow.Find(_unit, _function)?.Input(key.Value);
            if (value is YamlList && field is { Repeated: false })
                Errors.Add(value.Place, "PRT-WFL-0020", "this input takes one value", "a single value", "a list");
            foreach (var item in value is YamlList list ? list.Items : [value])
                if (_bindings.Lower(item, field?.Kind) is { } source) arguments.Add(new Argument(key.Value, source));
        }
        return arguments;
    }

    /// <summary>The position of an earlier step, which then is a dependency.</summary>
    private ushort? StepNamed(string name, Place place)
    {
        for (ushort i = 0; i < _workflow.Steps.Count; i++)
            if (_workflow.Steps[i] == name)
            {
                _dependencies.Add(i);
                return i;
            }
        Errors.Add(place, "PRT-WFL-0023", "no earlier step has this name", Nearest.Of(name, _workflow.Steps),
            name, "A step builds on steps above it.");
        return null;
    }

    private void MakeUpFor()
    {
        if (_step.Find("onFailureOf") is not YamlScalar failed || StepNamed(failed.Value, failed.Place) is not { } index) return;
        if (_earlier[index].OnFailure is not null)
            Errors.Add(failed.Place, "PRT-WFL-0029", "another step makes up for this failure already", "one step for each failure",
                failed.Value);
        _earlier[index] = _earlier[index] with { OnFailure = (ushort)_earlier.Count };
    }

    private Scope Scope() => _step.Find("scope") is not YamlScalar scope ? Workflows.Scope.Plan : scope.Value switch
    {
        "instance" => Workflows.Scope.Instance,
        "client" => Workflows.Scope.InstanceAndClient,
        _ => Workflows.Scope.Plan,
    };

    private Authorization Authorization() => _step.Find("auth") switch
    {
        YamlMapping mapping when mapping.Find("unit") is YamlScalar unit => new Authorization.Unit(_workflow.Unit(unit.Value)),
        YamlMapping mapping => new Authorization.Keys(Keys(mapping.Find("keys")!, Limits.MaxNesting)),
        YamlScalar { Value: "anyone" } => new Authorization.Anyone(),
        _ => new Authorization.Client(),
    };

    private KeyExpression Keys(YamlPiece piece, int nesting)
    {
        if (piece is YamlScalar key)
        {
            if (key.Value == "${creator}") return new KeyExpression.Creator();
            if (Reference.Of(key.Value) is not { } reference) return new KeyExpression.Key(Cryptography.PublicKey.FromHex(key.Value));
            _workflow.Parameter(reference.Name, key.Place);
            return new KeyExpression.Parameter(reference.Name);
        }
        var mapping = (YamlMapping)piece;
        var terms = ((YamlList)mapping.Find("of")!).Items;
        var needed = ushort.Parse(Text(mapping, "atLeast"), CultureInfo.InvariantCulture);
        if (nesting == 0 || needed == 0 || needed > terms.Count)
            Errors.Add(piece.Place, "PRT-WFL-0036", "this many keys cannot be asked for",
                $"1 to {terms.Count}, nested at most {Limits.MaxNesting} deep", $"{needed}");
        return new KeyExpression.Threshold(needed, nesting == 0 ? [] : [.. terms.Select(term => Keys(term, nesting - 1))]);
    }

    private static string Text(YamlMapping mapping, string key) => ((YamlScalar)mapping.Find(key)!).Value;
}
