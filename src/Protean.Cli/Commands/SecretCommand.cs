using System.CommandLine;
using System.Text.Json.Nodes;
using Protean.Client;
using Protean.Client.Audit;
using Protean.Codec;
using Protean.Cryptography;
using Protean.Units.PrivateStorage;

namespace Protean.Cli.Commands;

/// <summary>`protean secret`: files in a network's private storage.</summary>
internal static class SecretCommand
{
    public static Command Create() => new("secret", "Keep files as secrets: who may read them, and who has.")
    {
        Put(), Get(), Grant(), Revoke(), Open(), Audit(),
    };

    private static Argument<string> Id() => new("secret") { Description = "What `protean secret put` said: 64 hexadecimal digits." };

    private static Command Put()
    {
        var file = new Argument<FileInfo>("file") { Description = $"At most {Limits.MaxSecretData} bytes; encrypted here." };
        var readers = new Option<string[]>("--reader") { Description = "Public key of whoever may read it. Again for each.", AllowMultipleArgumentsPerToken = true };
        var needed = new Option<int>("--of") { Description = "How many of the readers it takes together.", DefaultValueFactory = static _ => 1 };
        var release = new Option<string?>("--release") { Description = "Nobody reads it before this time, like 2026-01-31T12:00:00Z, and everybody after." };
        var note = new Option<string>("--note") { Description = "For everybody to read.", DefaultValueFactory = static _ => "" };
        return new Command("put", "Encrypt a file and keep it under a policy of its own.") { file, readers, needed, release, note }.DoesInVault(
            async (vault, parsed, terminal, cancel) =>
            {
                PolicyExpression[] keys = [.. (parsed.GetValue(readers) ?? []).Select(Options.ParseKey).Append(vault.Owner).Distinct().Select(static key => new PolicyExpression.Key(key))];
                var least = parsed.GetValue(needed);
                if (least < 1 || least > keys.Length) throw new RefusedException(CommandRefusals.NotInRange("--of", (ulong)Math.Max(0, least), 1, (ulong)keys.Length));
                ulong? due = parsed.GetValue(release) is { } time ? Options.ParseTime(time) : null;
                var text = parsed.GetValue(note)!;
                if (Bytes.Of(text).Length > Limits.MaxSecretNote) throw new RefusedException(CommandRefusals.NotInRange("--note", (ulong)Bytes.Of(text).Length, 0, Limits.MaxSecretNote));
                var plaintext = await Read(parsed.GetRequiredValue(file), cancel);
                var policy = await vault.CreatePolicy(least == 1 ? new PolicyExpression.Or(keys) : new PolicyExpression.Threshold((ushort)least, keys), cancel);
                var id = await vault.Put(plaintext, policy.Id, due, text, cancel);
                System.Security.Cryptography.CryptographicOperations.ZeroMemory(plaintext);
                terminal.Say($"secret {id}, policy {policy.Id}");
                terminal.Answer(new JsonObject { ["secret"] = id.ToString(), ["policy"] = policy.Id.ToString() });
            });
    }

    private static Command Get()
    {
        var (id, output) = (Id(), new Option<FileInfo>("--out") { Description = "Where to put the file, mode 0600; never over another.", Required = true });
        return new Command("get", "Read a secret. The audit trail has it, whatever comes of it.") { id, output }.DoesInVault(
            async (vault, parsed, terminal, cancel) =>
            {
                var path = FreshPath(parsed.GetRequiredValue(output));
                var plaintext = await vault.Get(Options.ParseDigest(parsed.GetRequiredValue(id)), cancel: cancel);
                await WritePrivate(path, plaintext, cancel);
                System.Security.Cryptography.CryptographicOperations.ZeroMemory(plaintext);
                terminal.Say($"{plaintext.Length} bytes written to {path}");
                terminal.Answer(new JsonObject { ["file"] = path, ["bytes"] = plaintext.Length });
            });
    }

    private static Command Open()
    {
        var (id, output) = (Id(), new Option<FileInfo>("--out") { Description = "Where to put the file; never over another.", Required = true });
        return new Command("open", "Open a secret for everybody, once its time has come; waits for it.") { id, output }.DoesInVault(
            async (vault, parsed, terminal, cancel) =>
            {
                var path = FreshPath(parsed.GetRequiredValue(output));
                var opened = await vault.OpenForAll(Options.ParseDigest(parsed.GetRequiredValue(id)), cancel);
                await WritePrivate(path, opened.ToArray(), cancel);
                terminal.Say($"{opened.Length} bytes written to {path}");
                terminal.Answer(new JsonObject { ["file"] = path, ["bytes"] = opened.Length });
            });
    }

    private static Command Grant() => Change("grant", "Let another read a secret.", static (vault, policy, reader, cancel) =>
        vault.Grant(policy, new PolicyExpression.Key(reader), cancel));

    private static Command Revoke() => Change("revoke", "Let somebody read a secret no more. What was read stays read.", static (vault, policy, reader, cancel) =>
        vault.Revoke(policy, reader, cancel));

    private static Command Change(string name, string what, Func<Vault, Digest, PublicKey, CancellationToken, Task> change)
    {
        var (id, reader) = (Id(), new Option<string>("--reader") { Description = "Whose public key.", Required = true });
        return new Command(name, what) { id, reader }.DoesInVault(async (vault, parsed, terminal, cancel) =>
        {
            var secret = await vault.FindSecret(Options.ParseDigest(parsed.GetRequiredValue(id)), cancel);
            await change(vault, secret.Label.PolicyId, Options.ParseKey(parsed.GetRequiredValue(reader)), cancel);
            var policy = await vault.FindPolicy(secret.Label.PolicyId, cancel);
            terminal.Say($"policy {policy.Id} is at version {policy.Version}");
            terminal.Answer(new JsonObject { ["policy"] = policy.Id.ToString(), ["version"] = policy.Version });
        });
    }

    private static Command Audit()
    {
        var (id, output) = (Id(), new Option<FileInfo>("--out") { Description = "Where to put the file that `protean verify` checks.", Required = true });
        return new Command("audit", "Show every request to read a secret, and keep what proves it.") { id, output }.DoesInVault(
            async (vault, parsed, terminal, cancel) =>
            {
                var path = parsed.GetRequiredValue(output).FullName;
                var file = await vault.Audit(Options.ParseDigest(parsed.GetRequiredValue(id)), cancel);
                var bytes = Canonical.Encode(file);
                await File.WriteAllBytesAsync(path, bytes, cancel);
                if (AuditVerifier.Verify(bytes, file.Genesis.ChainId, out var trail) is { } refusal) throw new RefusedException(refusal);
                AuditText.Show(trail!, terminal);
            });
    }

    // Before anything is asked for that the trail would have.
    private static string FreshPath(FileInfo file) =>
        file.Exists ? throw new RefusedException(CommandRefusals.FileUnusable($"{file.FullName} exists")) : file.FullName;

    private static async Task<byte[]> Read(FileInfo file, CancellationToken cancel)
    {
        if (file.Exists && file.Length > Limits.MaxSecretData) throw new RefusedException(ClientRefusals.SecretTooLong((int)Math.Min(int.MaxValue, file.Length)));
        return await File.ReadAllBytesAsync(file.FullName, cancel);
    }

    private static async Task WritePrivate(string path, byte[] bytes, CancellationToken cancel)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        await using var stream = new FileStream(path, options);
        await stream.WriteAsync(bytes, cancel);
    }
}
