using System.Buffers.Binary;
using Protean.Codec;
using Protean.Cryptography;
using Protean.Units.Contracts;

namespace Protean.Tests.Contracts;

/// <summary>The token's methods and accounts, as examples/token/README.md lays them out.</summary>
internal static class Token
{
    public const uint AlreadyCreated = 16;
    public const uint NotOwner = 17;
    public const uint TooLittle = 18;
    public const uint BadAccount = 19;
    public const uint ZeroAmount = 20;
    public const uint NoCaller = 21;

    public static byte[] Code { get; } = Example.Code("token", "token.wasm");

    public static byte[] UserAccount(PublicKey user) => [1, .. user.Span];
    public static byte[] ContractAccount(Digest contract, ReadOnlySpan<byte> sub) => [2, .. contract.Span, .. sub];

    public static byte[] Create(ulong supply) => new Encoder().Text("create").U64(supply).ToArray();

    public static byte[] Transfer(byte[] from, byte[] to, ulong amount) =>
        new Encoder().Text("transfer").Bytes(from).Bytes(to).U64(amount).ToArray();

    public static byte[] TransferMany(params (byte[] From, byte[] To, ulong Amount)[] moves) =>
        new Encoder().Text("transferMany").List(moves, static (to, m) => to.Bytes(m.From).Bytes(m.To).U64(m.Amount)).ToArray();

    public static byte[] TransferAndCall(byte[] from, Digest contract, ReadOnlySpan<byte> sub, ulong amount, ReadOnlySpan<byte> data) =>
        new Encoder().Text("transferAndCall").Bytes(from).Digest(contract).Bytes(sub).U64(amount).Bytes(data).ToArray();

    public static byte[] Sweep(byte[] to, params byte[][] subs) =>
        new Encoder().Text("sweep").List(subs, static (e, sub) => e.Bytes(sub)).Bytes(to).ToArray();

    public static byte[] Balance(byte[] account) => new Encoder().Text("balance").Bytes(account).ToArray();

    /// <summary>Every balance, added up from state itself.</summary>
    public static UInt128 Total(World world, Digest token)
    {
        var prefix = ContractKeys.Full(World.Unit, token, "b/"u8);
        UInt128 total = 0;
        foreach (var entry in world.State.Where(e => e.Key.Span.StartsWith(prefix.Span)))
            total += BinaryPrimitives.ReadUInt64LittleEndian(entry.Value.Span);
        return total;
    }
}

internal static class Example
{
    /// <summary>A file below examples/.</summary>
    public static byte[] Code(params string[] path)
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "Protean.slnx")))
            directory = directory.Parent ?? throw new InvalidOperationException("not below the repository");
        return File.ReadAllBytes(Path.Combine([directory.FullName, "examples", .. path]));
    }
}
