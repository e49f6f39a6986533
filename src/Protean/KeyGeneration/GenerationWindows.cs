using System.Buffers.Binary;
using Protean.Codec;
using Protean.Membership;

namespace Protean.KeyGeneration;

/// <summary>How long the phases of a key generation last at most, in milliseconds of block time (protocols 3.3).</summary>
/// <param name="Dealing">After which n - f dealings are enough.</param>
/// <param name="Checking">After which no complaint keeps a dealer out any more. Members offline for all of it count as faulty.</param>
public sealed record GenerationWindows(ulong Dealing, ulong Checking)
{
    /// <summary>Genesis parameters, each a u64 of 8 bytes.</summary>
    public const string DealingParameter = "keygen.windowMs", CheckingParameter = "keygen.checkingWindowMs";

    private const ulong DefaultDealing = 5_000;
    private const ulong DefaultChecking = 20_000;
    private const int MostDoublings = 10;

    /// <exception cref="MalformedException">A window is not a u64 above 0.</exception>
    public static GenerationWindows From(Genesis genesis) =>
        new(Read(genesis, DealingParameter, DefaultDealing), Read(genesis, CheckingParameter, DefaultChecking));

    /// <summary>Each attempt takes twice the time of the last, up to a bound: a network slower than the windows would never finish
    /// otherwise.</summary>
    public ulong OfPhase(GenerationPhase phase, ushort attempt) =>
        (phase == GenerationPhase.Dealing ? Dealing : Checking) << Math.Min((int)attempt, MostDoublings);

    private static ulong Read(Genesis genesis, string name, ulong otherwise)
    {
        if (genesis.Parameters.FirstOrDefault(parameter => parameter.Name == name) is not { } found) return otherwise;
        return found.Value.Length == sizeof(ulong)
            && BinaryPrimitives.ReadUInt64LittleEndian(found.Value.Span) is >= 1 and <= MaxWindow and var window
            ? window
            : throw new MalformedException($"genesis parameter {name}: milliseconds as a u64, 1 to {MaxWindow}, expected");
    }

    // Thirty days: doubled as often as it can be, it stays far from the end of 64 bits.
    private const ulong MaxWindow = 30UL * 24 * 60 * 60 * 1000;
}
