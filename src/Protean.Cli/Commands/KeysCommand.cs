using System.CommandLine;
using System.Text.Json.Nodes;
using Protean.Codec;
using Protean.Cryptography;
using Protean.Node.Keys;

namespace Protean.Cli.Commands;

/// <summary>`protean keys`: an operator's node keys, and the record that tells others of them.</summary>
internal static class KeysCommand
{
    public static Command Create() => new("keys", "Make a node's keys and its record for a genesis.") { CreateKeys(), Record() };

    private static Option<DirectoryInfo> Folder() => new("--folder") { Description = "The node's keys, mode 0700.", Required = true };

    private static Command CreateKeys()
    {
        var (folder, passphrase) = (Folder(), Options.PassphraseFile());
        var development = new Option<bool>("--development") { Description = "Let a guess at the passphrase cost next to nothing: for networks on one's own machine." };
        return new Command("create", "Make the keys of a new node; never over others.") { folder, passphrase, development }.Does((parsed, terminal, _) =>
        {
            var path = parsed.GetRequiredValue(folder).FullName;
            var cost = parsed.GetValue(development) ? KeyCost.Development : KeyCost.Operator;
            using var keys = NodeKeys.Create(path, Passphrases.Find(parsed.GetValue(passphrase)), cost, SystemRandom.Instance);
            using var epoch = keys.CreateEpoch(0, SystemRandom.Instance);
            terminal.Say($"keys of node {keys.NodeId} are in {path}. Keep a copy of the folder and of the passphrase, apart from each other.");
            terminal.Answer(new JsonObject { ["node"] = keys.NodeId.ToString(), ["folder"] = path });
            return Task.FromResult(Guarded.Done);
        });
    }

    private static Command Record()
    {
        var (folder, passphrase) = (Folder(), Options.PassphraseFile());
        var name = new Option<string>("--name") { Description = "The network's name, as its genesis will have it.", Required = true };
        var time = new Option<string>("--time") { Description = "The network's first moment, like 2026-01-31T12:00:00Z.", Required = true };
        var operatorName = new Option<string>("--operator") { Description = "Who answers for the node.", Required = true };
        var peer = new Option<string>("--peer") { Description = "host:port at which other nodes reach it.", Required = true };
        var api = new Option<string>("--api") { Description = "URL at which clients reach it.", Required = true };
        var output = new Option<FileInfo>("--out") { Description = "The file to write: it holds no secret.", Required = true };
        var command = new Command("record", "Write the node's record: public keys, proofs of possession, addresses.") { folder, passphrase, name, time, operatorName, peer, api, output };
        return command.Does(async (parsed, terminal, cancel) =>
        {
            var timeMs = Options.ParseTime(parsed.GetRequiredValue(time));
            var description = new NodeDescription(
                parsed.GetRequiredValue(operatorName), parsed.GetRequiredValue(peer), Options.ParseAddress(parsed.GetRequiredValue(api)).ToString());
            using var keys = NodeKeys.Open(parsed.GetRequiredValue(folder).FullName, Passphrases.Find(parsed.GetValue(passphrase)));
            var epoch = keys.OpenEpoch(0);
            var record = NodeRecords.ForGenesis(keys, epoch, description, parsed.GetRequiredValue(name), timeMs, SystemRandom.Instance);
            var path = parsed.GetRequiredValue(output).FullName;
            await File.WriteAllBytesAsync(path, Canonical.Encode(record), cancel);
            terminal.Say($"record of node {record.NodeId} written to {path}");
            terminal.Answer(new JsonObject { ["node"] = record.NodeId.ToString(), ["record"] = path });
            return Guarded.Done;
        });
    }
}
