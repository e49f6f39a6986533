using System.Buffers.Binary;
using Protean.Cryptography;
using Protean.Runtime;

namespace Protean.Simulator;

/// <summary>Draws for a simulation, all from its seed.</summary>
public sealed class Dice(ulong seed)
{
    private readonly SeededRandom _random = new(seed);

    /// <summary>Uniform in [low, high].</summary>
    public int Between(int low, int high)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        _random.Fill(bytes);
        return low + (int)(BinaryPrimitives.ReadUInt64LittleEndian(bytes) % ((ulong)(high - low) + 1));
    }

    /// <summary>True in <paramref name="perMille"/> of a thousand cases.</summary>
    public bool Chance(int perMille) => perMille > 0 && Between(0, 999) < perMille;

    public T Pick<T>(IReadOnlyList<T> items) => items[Between(0, items.Count - 1)];

    public byte[] Bytes(int length)
    {
        var bytes = new byte[length];
        _random.Fill(bytes);
        return bytes;
    }
}

/// <summary>How messages travel. Probabilities per thousand, delays in milliseconds.</summary>
/// <param name="LossPerMille">Messages that never arrive.</param>
/// <param name="DuplicatePerMille">Messages that arrive twice.</param>
/// <param name="MinDelay">Least delay. Every message draws its own, so a spread reorders.</param>
/// <param name="MaxDelay">Greatest delay of an ordinary message.</param>
/// <param name="StragglerPerMille">Messages that take up to <paramref name="StragglerDelay"/> instead.</param>
public sealed record NetworkConditions(
    int LossPerMille = 0, int DuplicatePerMille = 0, int MinDelay = 1, int MaxDelay = 10, int StragglerPerMille = 0, int StragglerDelay = 0)
{
    /// <summary>A quiet local network.</summary>
    public static NetworkConditions Calm { get; } = new();

    internal int Delay(Dice dice) =>
        StragglerPerMille > 0 && dice.Chance(StragglerPerMille) ? dice.Between(MinDelay, StragglerDelay) : dice.Between(MinDelay, MaxDelay);
}

/// <summary>Whether messages pass from one member to another: one-way cuts are cuts too.</summary>
public delegate bool Link(MemberId from, MemberId to);

public static class Links
{
    public static Link All { get; } = static (_, _) => true;

    /// <summary>Members in the group hear and are heard only by each other.</summary>
    public static Link Split(IReadOnlySet<MemberId> group) => (from, to) => group.Contains(from) == group.Contains(to);

    /// <summary>The member hears the others and is not heard.</summary>
    public static Link Mute(MemberId member) => (from, _) => from != member;

    /// <summary>The member is heard and hears nobody.</summary>
    public static Link Deaf(MemberId member) => (_, to) => to != member;
}
