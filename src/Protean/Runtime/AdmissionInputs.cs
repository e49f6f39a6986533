using Protean.Codec;
using Protean.Membership;
using Protean.Sealing;
using Protean.State;
using Protean.Workflows;

namespace Protean.Runtime;

/// <summary>Finds the value of every input in the request, as claimed; later checks verify the claims (protocols 8.2, C4).</summary>
internal static class AdmissionInputs
{
    public static Finding? Resolve(AdmissionCase subject)
    {
        var inputs = new List<AdmittedInput>();
        var finding = subject switch
        {
            AdmissionCase.Planned planned => ResolveArguments(planned, inputs),
            AdmissionCase.Direct direct => TakeArguments(direct, inputs),
            _ => null,
        };
        if (finding is not null) return finding;
        if (subject.StateRead is { } state)
            inputs.Add(new AdmittedInput(Admission.StateInput, new Bytes(state.Header.Hash.Span), null));
        subject.Inputs = [.. inputs.OrderBy(static input => input.Name, StringComparer.Ordinal)];
        return null;
    }

    private static Finding? TakeArguments(AdmissionCase.Direct direct, List<AdmittedInput> inputs)
    {
        foreach (var argument in direct.Request.Arguments)
        {
            if (argument.Name == Admission.StateInput) return new Finding("given as an argument", "bound from the witness",
                Admission.StateInput);
            inputs.Add(new AdmittedInput(argument.Name, argument.Value, null));
        }
        return null;
    }

    private static Finding? ResolveArguments(AdmissionCase.Planned planned, List<AdmittedInput> inputs)
    {
        foreach (var argument in planned.Subject.Arguments)
        {
            if (argument.Name == Admission.StateInput) return new Finding("given as an argument", "bound from the witness",
                Admission.StateInput);
            var (value, finding) = Resolve(planned, argument.Source);
            if (value is null) return finding! with { Where = $"input {argument.Name}" };
            inputs.Add(value with { Name = argument.Name });
        }
        return null;
    }

    private static (AdmittedInput? Value, Finding? Finding) Resolve(AdmissionCase.Planned planned, Source source) => source switch
    {
        Source.Constant constant => Value(constant.Value),
        Source.Parameter parameter => planned.Instance.Parameter(parameter.Name) is { } value
            ? Value(value) : Missing("no such parameter in the instance", parameter.Name),
        Source.Client client => planned.Request.ClientArguments.FirstOrDefault(argument => argument.Name == client.Name) is { } argument
            ? Value(argument.Value) : Missing("nothing", $"the client input {client.Name}"),
        Source.Output output => OutputOf(planned, output),
        Source.State state => StateOf(planned, state),
        Source.StatePrefix prefix => PrefixOf(planned, prefix),
        Source.Beacon beacon => BeaconOf(planned, beacon),
        _ => throw new InvalidOperationException("an unknown source was decoded"),
    };

    private static (AdmittedInput?, Finding?) OutputOf(AdmissionCase.Planned planned, Source.Output output)
    {
        if (planned.Proofs.Of(output.Step) is not { } dependency || dependency.Find(output.Name) is not { } opening)
            return Missing("nothing", $"output {output.Name} of step {planned.Workflow.Steps[output.Step].Name}, opened");
        var context = dependency.Receipt.Header.Context;
        return (new AdmittedInput(output.Name, opening.Value.Value,
            new ResultOrigin(context.UnitId, context.Epoch, dependency.Receipt.Leaf, output.Name)), null);
    }

    private static (AdmittedInput?, Finding?) StateOf(AdmissionCase.Planned planned, Source.State state)
    {
        var key = planned.KeyOf(state.Key);
        if (!Shows(planned, state.Unit, out var proof) || key.Length > Limits.MaxKeyBytes || !proof.TryGet(key, out var entry))
            return Missing("a request that does not show it", $"key {key} of {planned.Workflow.Units[state.Unit]}, proven");
        return entry is null ? Missing("an absent key", $"a value under {key}") : Value(entry.Value);
    }

    private static (AdmittedInput?, Finding?) PrefixOf(AdmissionCase.Planned planned, Source.StatePrefix source)
    {
        var prefix = planned.KeyOf(source.Prefix);
        if (!Shows(planned, source.Unit, out var proof) || prefix.Length > Limits.MaxKeyBytes || !proof.TryScan(prefix, out var entries))
            return Missing("a request that does not show it", $"prefix {prefix} of {planned.Workflow.Units[source.Unit]}, proven whole");
        return Value(Values.OfEntries([.. entries.Select(static entry => (entry.Key, entry.Value))]));
    }

    private static (AdmittedInput?, Finding?) BeaconOf(AdmissionCase.Planned planned, Source.Beacon beacon) =>
        planned.Instance.Resolve(beacon.Round) is { } round && planned.Proofs.Beacon(planned.IdOf(beacon.Unit), round) is { } record
            ? Value(record.Value) : Missing("nothing", $"the beacon's round {planned.Instance.Resolve(beacon.Round)}");

    private static bool Shows(AdmissionCase.Planned planned, ushort unit,
        [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out MapProof? proof)
    {
        proof = planned.Proofs.HeightOf(planned.IdOf(unit))?.Witness?.Proof;
        return proof is not null;
    }

    private static (AdmittedInput?, Finding?) Value(Bytes value) => (new AdmittedInput("", value, null), null);
    private static (AdmittedInput?, Finding?) Missing(string got, string expected) => (null, new Finding(got, expected));
}
