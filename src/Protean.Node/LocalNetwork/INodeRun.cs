namespace Protean.Node.LocalNetwork;

/// <summary>A node that runs, in this process or in one of its own. Disposing stops it and waits until its data is closed.</summary>
public interface INodeRun : IAsyncDisposable
{
    /// <summary>Ends, with a failure, only when the node ends by itself.</summary>
    Task Ended { get; }
}
