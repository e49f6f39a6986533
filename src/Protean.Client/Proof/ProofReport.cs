using System.Globalization;
using System.Text.Json;
using Protean.Cryptography;
using Protean.Runtime;
using Protean.Sealing;

namespace Protean.Client.Proof;

/// <summary>One check that was made.</summary>
/// <param name="Code">PRT-PRF-00NN: docs/proof-format.md says to the byte what it covers.</param>
/// <param name="What">What must hold.</param>
/// <param name="Subjects">On how many parts of the file it was found to hold.</param>
/// <param name="Refusal">Null where it holds on all; else the code of the check, or of the verifier that it called.</param>
public sealed record ProofLine(string Code, string What, int Subjects, Refusal? Refusal)
{
    public bool Holds => Refusal is null;
}

/// <summary>A step as the proof shows it.</summary>
/// <param name="RestsOn">"recomputed" where the result was found again from its inputs, else "quorum": the unit's word.</param>
public sealed record ProvenStep(
    string Name, string Unit, string Function, ResultStatus Status, ulong Height, ulong TimeMs, Digest RequestDigest, Outputs Outputs,
        string RestsOn);

/// <summary>What a verifier found: every check in order up to the first that fails, and what the file shows if all hold.</summary>
/// <param name="Network">The network that was expected.</param>
/// <param name="Lines">The checks made.</param>
/// <param name="Application">Instance, workflow and steps; null unless all holds.</param>
public sealed record ProofReport(Digest Network, IReadOnlyList<ProofLine> Lines, ProvenRun? Application)
{
    public bool Holds => Application is not null;

    /// <summary>The first check that fails, or null.</summary>
    public ProofLine? Failed => Lines.FirstOrDefault(static line => !line.Holds);

    /// <summary>One line for each check, and the verdict.</summary>
    public IEnumerable<string> ToText()
    {
        foreach (var line in Lines)
            yield return line.Holds
                ? string.Create(CultureInfo.InvariantCulture, $"ok       {line.Code}  {line.What} ({line.Subjects})")
                : $"REFUSED  {line.Code}  {line.What}: {line.Refusal}";
        foreach (var step in Application?.Steps ?? [])
            yield return string.Create(CultureInfo.InvariantCulture,
                $"step     {step.Name}: {step.Unit}.{step.Function} {step.Status}, ")
                + string.Create(CultureInfo.InvariantCulture, $"height {step.Height}, {new UnixMs(step.TimeMs)}, {step.RestsOn}");
        yield return Holds ? $"the proof holds on network {Network}" : $"the proof does not hold: {Failed!.Code}";
    }

    public string ToJson() => JsonSerializer.Serialize(
        new
        {
            network = Network.ToString(),
            holds = Holds,
            failed = Failed?.Code,
            checks = Lines.Select(static line => new
            {
                code = line.Code,
                what = line.What,
                subjects = line.Subjects,
                ok = line.Holds,
                refusal = line.Refusal,
            }),
            instance = Application?.Instance.ToString(),
            workflow = Application?.Workflow,
            steps = Application?.Steps.Select(static step => new
            {
                name = step.Name,
                unit = step.Unit,
                function = step.Function,
                status = step.Status.ToString(),
                height = step.Height,
                timeMs = step.TimeMs,
                request = step.RequestDigest.ToString(),
                outputs = step.Outputs.Values.ToDictionary(static output => output.Name, static output => output.Value.ToString()),
                restsOn = step.RestsOn,
            }),
        },
        JsonSerializerOptions.Web);
}

/// <summary>The run that a good proof shows.</summary>
/// <param name="Instance">Its identifier.</param>
/// <param name="Workflow">Its name in the instance.</param>
/// <param name="Steps">In order.</param>
public sealed record ProvenRun(Digest Instance, string Workflow, IReadOnlyList<ProvenStep> Steps)
{
    public ProvenStep? Find(string step) => Steps.FirstOrDefault(proven => proven.Name == step);
}
