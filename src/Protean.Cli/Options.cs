using System.CommandLine;
using System.Globalization;
using Protean.Client;
using Protean.Cryptography;
using Protean.Node.LocalNetwork;

namespace Protean.Cli;

/// <summary>Options that several commands have, and how what is typed becomes values.</summary>
internal static class Options
{
    public static Option<int?> Nodes() => new("--nodes")
    {
        Description = $"Nodes of the network, at most {NetworkShape.MostNodes}. Default: {NetworkShape.DefaultNodes}, or as many as a unit has members.",
    };

    public static Option<int?> Members() => new("--members")
    {
        Description = $"Members of each unit, {NetworkShape.LeastMembers} to {NetworkShape.MostMembers}. Default: {NetworkShape.DefaultMembers}.",
    };

    public static Option<bool> Processes() => new("--processes") { Description = "Run every node as an operating-system process of its own." };

    public static Option<FileInfo?> PassphraseFile() => new("--passphrase-file")
    {
        Description = $"File of mode 0600 whose first line is the passphrase of the keys. Otherwise {Node.Keys.Passphrase.FileVariable}, {Node.Keys.Passphrase.Variable}, or asked for.",
    };

    /// <exception cref="RefusedException">PRT-CMD-0002.</exception>
    public static Digest ParseHash(string text) => Digest.TryFromHex(text, out var hash)
        ? hash
        : throw new RefusedException(CommandRefusals.NotAHash(text));

    /// <exception cref="RefusedException">PRT-CMD-0060.</exception>
    public static Digest ParseDigest(string text) => Digest.TryFromHex(text, out var digest)
        ? digest : throw new RefusedException(CommandRefusals.NotAnIdentifier(text));

    /// <exception cref="RefusedException">PRT-CMD-0060.</exception>
    public static PublicKey ParseKey(string text)
    {
        var digest = ParseDigest(text);
        return new PublicKey(digest.Span);
    }

    /// <exception cref="RefusedException">PRT-CMD-0003.</exception>
    public static Uri ParseAddress(string text) => Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
        ? address
        : throw new RefusedException(CommandRefusals.NotAnAddress(text));

    /// <summary>Milliseconds since 1970.</summary>
    /// <exception cref="RefusedException">PRT-CMD-0008.</exception>
    public static ulong ParseTime(string text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) && time >= DateTimeOffset.UnixEpoch
            ? (ulong)time.ToUnixTimeMilliseconds()
            : throw new RefusedException(CommandRefusals.NotATime(text));
}
