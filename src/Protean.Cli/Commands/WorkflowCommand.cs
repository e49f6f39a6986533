using System.CommandLine;
using System.Text.Json.Nodes;
using Protean.Cryptography;
using Protean.Units;
using Protean.Units.Execution;
using Protean.Workflows.Language;

namespace Protean.Cli.Commands;

/// <summary>`protean workflow`: for those who write workflows.</summary>
internal static class WorkflowCommand
{
    public static Command Create() => new("workflow", "For those who write workflows.") { Check() };

    private static Command Check()
    {
        var file = new Argument<FileInfo>("file") { Description = "A workflow file (docs/workflows.md)." };
        return new Command("check", "Check a workflow file against what the units publish.") { file }.Does(async (parsed, terminal, cancel) =>
        {
            var path = parsed.GetRequiredValue(file);
            var reading = Application.Read(await File.ReadAllTextAsync(path.FullName, cancel), path.ToString(), Catalog.Published, contract => ContractId(path, contract));
            foreach (var error in reading.Errors) terminal.Say(error.ToString());
            if (reading.Application is { } application) terminal.Say($"{application.Name}: {Names(application)}: no errors");
            terminal.Answer(new JsonObject
            {
                ["file"] = path.ToString(),
                ["valid"] = reading.Application is not null,
                ["errors"] = new JsonArray([.. reading.Errors.Select(ToJson)]),
            });
            return reading.Application is null ? Guarded.Refused : Guarded.Done;
        });
    }

    private static string Names(Application application) => string.Join(", ", application.Workflows.Select(static workflow => workflow.Name));

    // Which unit will hold the contract is not known here, so this is nobody's identifier; that the code is there is what is checked.
    private static Digest? ContractId(FileInfo workflow, ContractFile contract)
    {
        var path = Path.Combine(workflow.DirectoryName!, contract.Path);
        return File.Exists(path) ? PublishedContracts.IdOf(Digest.Zero, File.ReadAllBytes(path)) : null;
    }

    private static JsonNode ToJson(FileError error)
    {
        var json = Terminal.ToJson(error.Refusal);
        (json["line"], json["column"]) = (error.Place.Line, error.Place.Column);
        return json;
    }
}
