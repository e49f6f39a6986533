using System.Buffers.Binary;
using Protean.Codec;
using Protean.Cryptography;
using Protean.Runtime;

namespace Protean.Units;

/// <summary>Reads the inputs of an admitted call; admission has checked that they are there and of their kinds.</summary>
internal static class CallInputs
{
    public static Bytes Bytes(this Call call, string name) =>
        call.Admitted.Input(name) ?? throw new InvalidOperationException($"an admitted {call.Admitted.Transaction.Name} without {name}");

    public static Digest Digest(this Call call, string name) => new(call.Bytes(name).Span);
    public static PublicKey Key(this Call call, string name) => new(call.Bytes(name).Span);
    public static string Text(this Call call, string name) => call.Bytes(name).ToText();
    public static ulong U64(this Call call, string name) => BinaryPrimitives.ReadUInt64LittleEndian(call.Bytes(name).Span);

    /// <summary>The values of a repeated input, in their own order.</summary>
    public static IReadOnlyList<Bytes> All(this Call call, string name) => [.. call.Admitted.All(name).Select(static input => input.Value)];
}
