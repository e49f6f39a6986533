using System.CommandLine;
using System.Text.Json.Nodes;
using Protean.Client;
using Protean.Client.Audit;
using Protean.Client.Proof;
using Protean.Wasm;

namespace Protean.Cli.Commands;

/// <summary>`protean verify`: checks a proof file, or the audit trail of a secret, offline.</summary>
internal static class VerifyCommand
{
    public static Command Create()
    {
        var file = new Argument<FileInfo>("file") { Description = "A proof file, such as lottery.proof, or the audit trail of a secret." };
        var network = new Option<string>("--network") { Description = "The hash of the network's genesis, known from elsewhere than the proof.", Required = true };
        return new Command("verify", "Check a proof offline, trusting no node.") { file, network }.Does(async (parsed, terminal, cancel) =>
        {
            var expected = Options.ParseHash(parsed.GetRequiredValue(network));
            var bytes = await Read(parsed.GetRequiredValue(file), cancel);
            if (AuditFile.IsOne(bytes))
            {
                if (AuditVerifier.Verify(bytes, expected, out var trail) is { } refusal) throw new RefusedException(refusal);
                AuditText.Show(trail!, terminal);
                return Guarded.Done;
            }
            using var engine = new WasmEngine();
            var report = ProofVerifier.Verify(bytes, expected, engine);
            foreach (var line in report.ToText()) terminal.Say(line);
            terminal.Answer(JsonNode.Parse(report.ToJson())!.AsObject());
            return report.Holds ? Guarded.Done : Guarded.Refused;
        });
    }

    // A byte more than the largest proof is enough to see that it is none.
    private static async Task<byte[]> Read(FileInfo file, CancellationToken cancel)
    {
        await using var stream = file.OpenRead();
        var bytes = new MemoryStream();
        var buffer = new byte[1 << 16];
        while (bytes.Length <= Limits.MaxProofFile && await stream.ReadAsync(buffer, cancel) is > 0 and var count)
            bytes.Write(buffer, 0, count);
        return bytes.ToArray();
    }
}
