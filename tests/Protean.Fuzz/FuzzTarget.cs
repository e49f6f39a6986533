using System.Diagnostics;

namespace Protean.Fuzz;

/// <summary>A decoder that meets bytes from outside, and the law it keeps whatever they are.</summary>
/// <param name="Name">Names it on the command line, and its folder of the corpus.</param>
/// <param name="AllocationPerByte">Memory that a byte of input may cost, in bytes.</param>
/// <param name="Read">True where the bytes were accepted, false where they were refused in the decoder's way. Anything thrown breaks the
/// law.</param>
public sealed record FuzzTarget(string Name, int AllocationPerByte, Func<byte[], bool> Read)
{
    /// <summary>What an empty input may cost: tables, buffers, the text of a refusal.</summary>
    private const long AllocationAtRest = 1 << 20;

    // What is made once at the first call, and what a busy machine takes, are not the input's cost.
    private const int Tries = 3;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>Reads the bytes.</summary>
    /// <returns>Whether they were accepted.</returns>
    /// <exception cref="BrokenLawException">It threw, took longer than a second, or more memory than its bound.</exception>
    public bool Try(byte[] input)
    {
        string excess;
        var tries = 0;
        do
        {
            (var accepted, excess) = Measured(input);
            if (excess.Length == 0) return accepted;
        }
        while (++tries < Tries);
        throw new BrokenLawException(Name, input, excess);
    }

    private (bool Accepted, string Excess) Measured(byte[] input)
    {
        var (allocated, begun) = (GC.GetAllocatedBytesForCurrentThread(), Stopwatch.GetTimestamp());
        bool accepted;
        try
        {
            accepted = Read(input);
        }
        catch (Exception fault) when (fault is not BrokenLawException)
        {
            throw new BrokenLawException(Name, input, fault.ToString(), fault);
        }
        var elapsed = Stopwatch.GetElapsedTime(begun);
        var (memory, most) = (GC.GetAllocatedBytesForCurrentThread() - allocated, AllocationAtRest + ((long)AllocationPerByte * input.Length));
        return (accepted, memory > most ? $"{memory} bytes of memory taken for {input.Length} of input, at most {most} allowed"
            : elapsed > Patience ? $"{elapsed.TotalSeconds:F1} s, at most {Patience.TotalSeconds} allowed" : "");
    }
}

/// <summary>An input for which a decoder does not do what it promises.</summary>
public sealed class BrokenLawException(string target, byte[] input, string what, Exception? cause = null)
    : Exception($"{target}: {what}\ninput: {Convert.ToHexStringLower(input)}", cause)
{
    public byte[] Input => input;
}
