using Protean.Cryptography;
using Barrier = Protean.Workflows.Barrier;

namespace Protean.Workflows.Language;

/// <summary>Turns <c>when:</c> into a barrier: all its keys together.</summary>
/// <param name="workflow">What can be named.</param>
/// <param name="bindings">Reads bounds and keys.</param>
/// <param name="own">The step's own unit, where none is named.</param>
internal sealed class Barriers(WorkflowScope workflow, Bindings bindings, ushort own)
{
    /// <returns>Null, with an error noted, where a name means nothing.</returns>
    public Barrier? Lower(YamlMapping when) => Lower(when, Limits.MaxNesting);

    private Barrier? Lower(YamlMapping when, int nesting)
    {
        if (nesting == 0 || when.Entries.Count == 0)
        {
            workflow.Application.Errors.Add(when.Place, "PRT-WFL-0031", "this is no barrier",
                $"at least one condition, nested at most {Limits.MaxNesting} deep", $"{when.Entries.Count} conditions");
            return null;
        }
        var terms = new List<Barrier>();
        foreach (var (key, value) in when.Entries)
            if (Term(key.Value, value, nesting) is { } term) terms.Add(term);
        if (terms.Count < when.Entries.Count) return null;
        return terms.Count == 1 ? terms[0] : new Barrier.And(terms);
    }

    private Barrier? Term(string key, YamlPiece value, int nesting) => key switch
    {
        "after" => Moment(value, static (unit, time) => new Barrier.AfterTime(unit, time), static (unit, height) =>
            new Barrier.AfterHeight(unit, height)),
        "before" => Moment(value, static (unit, time) => new Barrier.BeforeTime(unit, time), static (unit, height) =>
            new Barrier.BeforeHeight(unit, height)),
        "state" => State((YamlMapping)value),
        "beacon" => Beacon((YamlMapping)value),
        "all" => All((YamlList)value, nesting) is { } terms ? new Barrier.And(terms) : null,
        _ => All((YamlList)value, nesting) is { } terms ? new Barrier.Or(terms) : null,
    };

    private Barrier? Moment(YamlPiece value, Func<ushort, Bound, Barrier> ofTime, Func<ushort, Bound, Barrier> ofHeight)
    {
        if (value is not YamlMapping mapping) return bindings.Bound(value) is { } time ? ofTime(own, time) : null;
        var unit = UnitOf(mapping, own);
        var isTime = mapping.Find("time") is not null;
        if (bindings.Bound(mapping.Find(isTime ? "time" : "height")!) is not { } bound) return null;
        return isTime ? ofTime(unit, bound) : ofHeight(unit, bound);
    }

    private Barrier.StateIs? State(YamlMapping mapping) =>
        bindings.Key(mapping, (YamlScalar)mapping.Find("key")!) is { } key
            ? new Barrier.StateIs(bindings.UnitOf(mapping, "on", "state"), key, Digest.FromHex(((YamlScalar)mapping.Find("hash")!).Value))
            : null;

    private Barrier.BeaconDue? Beacon(YamlMapping mapping) =>
        bindings.Bound(mapping.Find("round")!) is { } round ? new Barrier.BeaconDue(bindings.UnitOf(mapping, "on", "randomness"), round)
            : null;

    private List<Barrier>? All(YamlList list, int nesting)
    {
        var terms = list.Items.Select(item => Lower((YamlMapping)item, nesting - 1)).ToList();
        if (terms.Count == 0)
            workflow.Application.Errors.Add(list.Place, "PRT-WFL-0031", "this is no barrier", "at least one condition", "none");
        return terms.Count > 0 && terms.All(static term => term is not null) ? [.. terms.Select(static term => term!)] : null;
    }

    private ushort UnitOf(YamlMapping mapping, ushort otherwise) => mapping.Find("on") is YamlScalar unit ? workflow.Unit(unit.Value)
        : otherwise;
}
