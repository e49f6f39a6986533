using System.CommandLine;
using Protean.Client;

namespace Protean.Cli;

/// <summary>Commands that a user gives to a network's private storage.</summary>
internal static class InVault
{
    /// <summary>Makes a command do something with the vault of whoever gives it.</summary>
    public static Command DoesInVault(this Command command, Func<Vault, ParseResult, Terminal, CancellationToken, Task> body)
    {
        var api = new Option<string>("--api") { Description = "The API of any node, like http://127.0.0.1:8080.", Required = true };
        var network = new Option<string>("--network") { Description = "The hash of the network's genesis, known from elsewhere.", Required = true };
        var identity = new Option<FileInfo>("--identity") { Description = "Your key file.", Required = true };
        var passphrase = Options.PassphraseFile();
        foreach (var option in new Option[] { api, network, identity, passphrase }) command.Options.Add(option);
        return command.Does(async (parsed, terminal, cancel) =>
        {
            using var secret = Passphrases.Find(parsed.GetValue(passphrase));
            using var user = Identity.Load(parsed.GetRequiredValue(identity).FullName, secret.Span);
            using var connected = await Network.Connect(
                [Options.ParseAddress(parsed.GetRequiredValue(api))], Options.ParseHash(parsed.GetRequiredValue(network)), cancel: cancel);
            await body(await Vault.Open(new Session(connected, user), cancel: cancel), parsed, terminal, cancel);
            return Guarded.Done;
        });
    }
}
