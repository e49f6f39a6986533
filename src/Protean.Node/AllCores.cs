using Protean.Cryptography;

namespace Protean.Node;

/// <summary>All cores of the machine, or some: for shuffles, batches of shares and their verification, which are jobs off the event loop.</summary>
/// <param name="count">How many pieces run at the same time, at least 1.</param>
public sealed class AllCores(int count) : ICores
{
    private readonly ParallelOptions _options = new() { MaxDegreeOfParallelism = count };

    public AllCores() : this(Environment.ProcessorCount) { }

    public int Count => count;

    public void Each(int pieces, Action<int> piece) => Parallel.For(0, pieces, _options, piece);
}
