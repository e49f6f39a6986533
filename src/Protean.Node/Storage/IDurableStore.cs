using Protean.Runtime;

namespace Protean.Node.Storage;

/// <summary>A store whose writes can be waited for.</summary>
public interface IDurableStore : IStore
{
    /// <summary>Done when every write made so far through this store is on disk; at once where there was none.</summary>
    ValueTask FlushAsync();
}
