// Made by `npm run api` from app/server/openapi.yaml. Do not edit.
export interface paths {
    "/api/v1/alerts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Rules, what fires now, and the history of alerts */
        get: operations["getAlerts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/alerts/channels": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whom alerts are told to, and when not */
        get: operations["getAlertChannels"];
        /** Change whom alerts are told to */
        put: operations["setAlertChannels"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/alerts/channels/{channel}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Send a test message through a channel as it is saved */
        post: operations["testAlertChannel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/alerts/rules": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Change the rules of alerts */
        put: operations["setAlertRules"];
        post?: never;
        /** Go back to the shipped rules */
        delete: operations["resetAlertRules"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/answers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Answers that HR wrote for a collection */
        get: operations["listAnswers"];
        put?: never;
        /** Write an answer: it is found and cited from then on */
        post: operations["writeAnswer"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/answers/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Delete an approved answer; the questions that it answered are open again */
        delete: operations["deleteAnswer"];
        options?: never;
        head?: never;
        /** Write an approved answer anew */
        patch: operations["changeAnswer"];
        trace?: never;
    };
    "/api/v1/attention": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What needs attention on this box, worst first; the event attention.changed brings changes */
        get: operations["getAttention"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/capacity": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How many people this box serves, as measured, and what else would give, as estimated */
        get: operations["getCapacity"];
        put?: never;
        /** Begin to measure; capacity.changed tells how it goes */
        post: operations["startCapacity"];
        /** Stop the measurement; the steps that are done are kept */
        delete: operations["stopCapacity"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/catalogue": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Models worth having, and which of them fits this box */
        get: operations["getCatalogue"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/collections": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the collections of documents that you may read */
        get: operations["listCollections"];
        put?: never;
        /** Make a collection of documents */
        post: operations["createCollection"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/collections/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a collection with the figures of its documents */
        get: operations["getCollection"];
        put?: never;
        post?: never;
        /** Delete a collection with its documents: nothing finds them when this returns; their text and files are erased in the seconds after */
        delete: operations["deleteCollection"];
        options?: never;
        head?: never;
        /** Change a collection */
        patch: operations["changeCollection"];
        trace?: never;
    };
    "/api/v1/collections/{id}/folders": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the watched folders of a collection */
        get: operations["listFolders"];
        put?: never;
        /** Watch a folder of this machine; for this machine's own programs */
        post: operations["addFolder"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/collections/{id}/folders/{folder}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Stop watching a folder and remove its documents; the files stay */
        delete: operations["removeFolder"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/collections/{id}/golden": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The questions of a collection whose answers must stay */
        get: operations["getGoldenAnswers"];
        /** Choose a collection's golden questions */
        put: operations["setGoldenAnswers"];
        post?: never;
        /** Go back to the shipped questions, of the sample handbook, or none */
        delete: operations["resetGoldenAnswers"];
        options?: never;
        head?: never;
        /** Say whether the model that answers is asked the golden questions too */
        patch: operations["changeGoldenAnswers"];
        trace?: never;
    };
    "/api/v1/collections/{id}/golden/run": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Ask the golden questions now; golden.changed tells how it goes */
        post: operations["runGoldenAnswers"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/collections/{id}/golden/runs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How the golden questions went */
        get: operations["getGoldenRuns"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/collections/{id}/pause": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Let a collection's queue rest; what is in work is finished */
        post: operations["pauseCollection"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/collections/{id}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Let a collection's queue go on */
        post: operations["resumeCollection"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/conversations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List conversations, newest change first */
        get: operations["listConversations"];
        put?: never;
        /** Begin a conversation */
        post: operations["createConversation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/conversations.export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All conversations as one file */
        get: operations["exportConversations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/conversations.import": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Take exported conversations in (JSON, or JSONL with several): all of them or none, with new ids */
        post: operations["importConversations"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/conversations/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a conversation with all its messages */
        get: operations["getConversation"];
        put?: never;
        post?: never;
        /** Delete a conversation */
        delete: operations["deleteConversation"];
        options?: never;
        head?: never;
        /** Rename a conversation, or choose the documents that it asks */
        patch: operations["renameConversation"];
        trace?: never;
    };
    "/api/v1/conversations/{id}/draft": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Read a question while it is typed; nothing is saved */
        put: operations["readDraft"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/conversations/{id}/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A conversation as a file, with the sources of each answer */
        get: operations["exportConversation"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/conversations/{id}/messages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Ask a question; the answer travels on the event stream */
        post: operations["ask"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/conversations/{id}/restore": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Bring a deleted conversation back, within 30 seconds */
        post: operations["restoreConversation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/cost": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What the recorded traffic costs on this box, on cloud GPUs and at managed services */
        get: operations["getCost"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/documents": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List documents, newest first */
        get: operations["listDocuments"];
        put?: never;
        /** Send a file into a collection: 202 when it was kept (queued, or a duplicate of a watched file), 200 when the same bytes were sent before */
        post: operations["sendDocument"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/documents/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read what is known of a document */
        get: operations["getDocument"];
        put?: never;
        post?: never;
        /** Delete a document: nothing finds it when this returns; its file, text, passages and vectors are erased in the seconds after */
        delete: operations["deleteDocument"];
        options?: never;
        head?: never;
        /** Set a document's title, day, version or series */
        patch: operations["changeDocument"];
        trace?: never;
    };
    "/api/v1/documents/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Give a document in the queue up; what was found of it before stays */
        post: operations["cancelDocument"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/documents/{id}/diff": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What changed from another document, most often the version before, to this one */
        get: operations["compareDocuments"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/documents/{id}/file": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The file itself, always as an attachment */
        get: operations["getDocumentFile"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/documents/{id}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Read a document again */
        post: operations["retryDocument"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/documents/{id}/text": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a document's text */
        get: operations["getDocumentText"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/engine": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What the engine does: its counters, its slots and the tree of shared prefixes */
        get: operations["getEngine"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Follow what happens */
        get: operations["events"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/gaps": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Topics of the open questions */
        get: operations["getGaps"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/golden": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The questions of the house check */
        get: operations["getGolden"];
        /** Ask other questions in the house check */
        put: operations["setGolden"];
        post?: never;
        /** Go back to the shipped questions */
        delete: operations["resetGolden"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/hardware": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What the machine is and what the engine does on it */
        get: operations["getHardware"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/inbox": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Questions that the documents of a collection did not answer well */
        get: operations["getInbox"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Dismiss questions of the inbox, or open them again */
        patch: operations["changeInbox"];
        trace?: never;
    };
    "/api/v1/keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List API keys */
        get: operations["listKeys"];
        put?: never;
        /** Make an API key */
        post: operations["createKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/keys/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Revoke an API key */
        delete: operations["revokeKey"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/links": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make a sign-in link */
        post: operations["createLink"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/messages/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a message, with its text so far */
        get: operations["getMessage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/messages/{id}/rating": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Say what you think of an answer; a thumb down for one from documents comes into HR's inbox, without your name */
        post: operations["rateMessage"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/messages/{id}/regenerate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Write another answer to the same question; after an approved answer the model writes */
        post: operations["regenerate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/models": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List models and say what the engine does */
        get: operations["listModels"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/models/{id}/check": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A model's check beside the default model's */
        get: operations["getCheck"];
        put?: never;
        /** Begin to check a model; check.changed tells how it goes */
        post: operations["startCheck"];
        /** Stop a model's check; what was asked is kept */
        delete: operations["stopCheck"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/models/{id}/load": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make a model ready; engine.changed tells how it goes */
        post: operations["loadModel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/models/{id}/settings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read what was chosen for one model */
        get: operations["getModelSettings"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Change some of it; null gives a field its default back */
        patch: operations["setModelSettings"];
        trace?: never;
    };
    "/api/v1/models/{id}/unload": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Give a model's memory back after its running answers; engine.changed tells how it goes */
        post: operations["unloadModel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/models/folder": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Where the models lie on this machine */
        get: operations["getModelFolder"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/models/import": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Copy a file of this machine into the models folder; for this machine's own programs */
        post: operations["importModel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/monitor": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What the machine did in the last minutes */
        get: operations["getMonitor"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/monitor/latency": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How long answers took, as charts */
        get: operations["getLatency"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/monitor/machine": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What the machine did, as charts */
        get: operations["getMachine"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/monitor/marks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What happened, for the charts */
        get: operations["getMarks"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/prices": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The price sheet */
        get: operations["getPrices"];
        /** Keep another price sheet */
        put: operations["setPrices"];
        post?: never;
        /** Go back to the shipped price sheet */
        delete: operations["resetPrices"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/requests": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The request log, without any text */
        get: operations["listRequests"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/requests.csv": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The request log as a file (RFC 4180) */
        get: operations["exportRequests"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/search": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Search titles and messages, or the documents of a collection */
        get: operations["search"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/session": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who is signed in */
        get: operations["getSession"];
        put?: never;
        /** Sign in with the token of a link */
        post: operations["signIn"];
        /** Sign out */
        delete: operations["signOut"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/settings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read the settings */
        get: operations["getSettings"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Change some settings */
        patch: operations["setSettings"];
        trace?: never;
    };
    "/api/v1/turns/{id}/stop": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Stop an answer; what was written is kept */
        post: operations["stopTurn"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/uploads": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Files that are on their way into the models folder */
        get: operations["listUploads"];
        put?: never;
        /** Begin to send a model file, or go on with one */
        post: operations["beginUpload"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/uploads/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How much of a file is there */
        get: operations["getUpload"];
        /** Send the next piece, at most 8 MiB; after the last one the file is a model */
        put: operations["sendPiece"];
        post?: never;
        /** Give a file up and remove what is there of it */
        delete: operations["cancelUpload"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/usage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What was used, by day and by model */
        get: operations["getUsage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        Alert: {
            /** @description What to do */
            advice: string;
            deliveries: components["schemas"]["Delivery"][];
            /**
             * @description Why it ended
             * @enum {string}
             */
            ended?: "recovered" | "edited" | "disabled";
            /** Format: date-time */
            fired_at: string;
            id: string;
            metric: string;
            /** Format: date-time */
            resolved_at?: string;
            /** @description The rule's id; the rule may be gone */
            rule: string;
            /** @enum {string} */
            severity: "warning" | "critical";
            /** @description What is wrong */
            text: string;
            /** Format: double */
            threshold: number;
            title: string;
            /**
             * Format: double
             * @description When it fired
             */
            value: number;
        };
        AnswerFields: {
            answer: string;
            /** @description Who signs it, as readers see it. */
            by?: string;
            /** @description A day as 2026-01-31; absent: always. */
            effective?: string;
            /** @description The last day on which it is given; absent: it does not end. */
            expires?: string;
            /** @description The items of the inbox that it answers. */
            ids?: string[] | null;
            question: string;
            /** @description Passages that it stands on. It is given while each of them is found as it is now. */
            sources?: components["schemas"]["AnswerPassage"][] | null;
        };
        AnswerPassage: {
            chunk_id: string;
            /** @description The sentence that counts, literally from the passage. */
            quote?: string;
        };
        AnswersBody: {
            answers: components["schemas"]["ApprovedAnswer"][];
        };
        ApprovedAnswer: {
            answer: string;
            /** @description Who signs it. */
            by?: string;
            collection: string;
            created_at: string;
            /** @description What questions find: its state says whether it is indexed yet. */
            document_id: string;
            /** @description The day from which it holds. */
            effective?: string;
            /** @description The last day on which it holds. */
            expires?: string;
            id: string;
            /** @description Nothing is answered from it any more: its last day has passed, or a passage that it stands on is not found as it was. */
            outdated: boolean;
            question: string;
            /** @description The passages that it stands on. */
            sources?: components["schemas"]["ApprovedSource"][] | null;
            updated_at: string;
        };
        ApprovedMark: {
            by?: string;
            given: boolean;
            id: string;
            on: string;
        };
        ApprovedSource: {
            chunk_id: string;
            document: string;
            document_id: string;
            /** Format: int64 */
            page?: number;
            /** Format: int64 */
            page_end?: number;
            quote: string;
        };
        AskInputBody: {
            /**
             * Format: date
             * @description The day whose documents hold; absent: today.
             */
            as_of?: string;
            /** @description The model writes, also where HR has approved an answer to exactly this question. */
            by_model?: boolean;
            /** @description The documents that are asked, and from now on in this conversation; empty: none; absent: as before. */
            collection?: string;
            /**
             * Format: uuid
             * @description The question's id, made by the client: a repeat gets the same answer.
             */
            id?: string;
            model?: string;
            /** @description The answer that this follows; absent: the newest leaf; null: a new root. */
            parent_id?: string | null;
            sampling?: components["schemas"]["Sampling"];
            text: string;
        };
        Attention: {
            /** @description Worst first. Empty: all is well. */
            items: components["schemas"]["Item"][];
        };
        Battery: {
            /** @description Whether a charger feeds the machine. */
            on_mains?: boolean;
            /** Format: double */
            percent: number;
            /**
             * @description Idle: neither charged nor used.
             * @enum {string}
             */
            state: "charging" | "discharging" | "full" | "idle" | "unknown";
        };
        Board: {
            /** @description Worst first, then oldest first */
            firing: components["schemas"]["Alert"][];
            /** @description Ended ones, newest end first; 90 days and 5000 at most are kept */
            history: components["schemas"]["Alert"][];
            metrics: components["schemas"]["Metric"][];
            rules: components["schemas"]["Rule"][];
            /** @description The rules are the shipped ones */
            shipped: boolean;
        };
        CapacityChanged: {
            running?: components["schemas"]["CapacityProgress"];
        };
        CapacityCompared: {
            /**
             * Format: double
             * @description Estimated / measured
             */
            first_token_ratio: number;
            /** Format: double */
            first_token_seconds: number;
            /** Format: double */
            tokens_per_second: number;
            /**
             * Format: double
             * @description Estimated / measured
             */
            tokens_ratio: number;
        };
        CapacityEstimate: {
            /**
             * Format: double
             * @description Of so many people at once
             */
            answers_per_minute: number;
            /** Format: int64 */
            employees: number;
            /**
             * Format: double
             * @description Of one person alone
             */
            first_token_seconds: number;
            fits: boolean;
            /**
             * @description box: this model here with another quant or cache; model: another one here; gpu: the measured model elsewhere
             * @enum {string}
             */
            group: "box" | "model" | "gpu";
            kv?: string;
            /** @description estimate, not measured */
            label: string;
            /**
             * @description unknown: it may fit, and how fast it would be is not known
             * @enum {string}
             */
            limit: "compute" | "memory" | "none" | "unknown";
            /** Format: int64 */
            margin_percent: number;
            measured?: components["schemas"]["CapacityCompared"];
            name: string;
            note?: string;
            /**
             * Format: int64
             * @description At once within the bound, memory counted
             */
            people: number;
            /** Format: int64 */
            people_in_memory: number;
            /** Format: double */
            prefill_tokens_per_second: number;
            quant?: string;
            remote: boolean;
            /**
             * Format: double
             * @description Of one person alone
             */
            tokens_per_second: number;
        };
        CapacityEstimates: {
            formula: string[];
            on: string;
            rows: components["schemas"]["CapacityEstimate"][];
            speed: components["schemas"]["CapacitySpeed"];
        };
        CapacityFacts: {
            /**
             * Format: double
             * @description That one token uses; absent: not known
             */
            active_parameters?: number;
            /**
             * Format: int64
             * @description Tokens that the cache holds; 0: not known
             */
            cells: number;
            /** Format: int64 */
            context: number;
            device: string;
            kv?: string;
            /**
             * Format: double
             * @description 0: not known
             */
            kv_bytes_per_token: number;
            library?: string;
            /** Format: int64 */
            memory_bytes: number;
            model: string;
            /**
             * Format: double
             * @description 0: not known
             */
            parameters: number;
            quant?: string;
            /** Format: int64 */
            slots: number;
            /** Format: int64 */
            weights_bytes: number;
            /**
             * Format: double
             * @description Share of the weights' bytes that one token reads, 0..1; absent: not known
             */
            weights_read?: number;
        };
        CapacityLimit: {
            /** @enum {string} */
            kind: "compute" | "bandwidth" | "memory" | "client" | "none" | "unknown";
            sentence: string;
        };
        CapacityNothing: {
            /** @description A sentence. */
            because: string;
            id: string;
        };
        CapacityPrediction: {
            /** Format: double */
            first_token_p95_seconds: number;
            /**
             * Format: double
             * @description Predicted / measured
             */
            first_token_ratio: number;
            /** Format: double */
            tokens_per_second_together: number;
            /**
             * Format: double
             * @description Predicted / measured
             */
            tokens_ratio: number;
        };
        CapacityProgress: {
            id: string;
            model: string;
            /**
             * Format: int64
             * @description Of the step that is measured now; 0: none yet
             */
            people: number;
            /**
             * Format: int64
             * @description Steps that were thrown away since a person asked
             */
            repeated: number;
            /**
             * @description waiting: until nobody is being answered
             * @enum {string}
             */
            stage: "waiting" | "warming" | "measuring";
            /** Format: date-time */
            started_at: string;
            /** @description Those that are done */
            steps: components["schemas"]["CapacityStep"][];
        };
        CapacityResult: {
            /** @description Why it ended where it did, a sentence. */
            because: string;
            /**
             * Format: int64
             * @description About so many people who ask every so many minutes
             */
            employees: number;
            /** Format: date-time */
            ended_at: string;
            error?: string;
            facts: components["schemas"]["CapacityFacts"];
            id: string;
            limit: components["schemas"]["CapacityLimit"];
            /**
             * Format: double
             * @description Reading a prompt that nobody has read before
             */
            prefill_tokens_per_second: number;
            /**
             * Format: int64
             * @description Steps that were thrown away since a person asked
             */
            repeated: number;
            serves: components["schemas"]["CapacityServes"];
            settings: components["schemas"]["CapacitySettings"];
            shape: components["schemas"]["CapacityShape"];
            /** Format: date-time */
            started_at: string;
            /** @enum {string} */
            status: "done" | "stopped" | "failed";
            steps: components["schemas"]["CapacityStep"][];
        };
        CapacityServes: {
            at_least: boolean;
            /**
             * Format: int64
             * @description 0: not even one
             */
            people: number;
            sentence: string;
        };
        CapacitySettings: {
            /**
             * Format: double
             * @description The first token shall come within this, for 95 of 100 questions.
             */
            bound_seconds: number;
            /**
             * Format: double
             * @description An employee asks once in so many minutes.
             */
            every_minutes: number;
            /**
             * Format: int64
             * @description Never more people at once than this.
             */
            most_people: number;
        };
        CapacityShape: {
            /**
             * Format: int64
             * @description Tokens of an answer.
             */
            answer: number;
            /**
             * Format: int64
             * @description Tokens that only one prompt has.
             */
            own: number;
            /** Format: int64 */
            recorded: number;
            /**
             * Format: int64
             * @description Tokens that everybody's prompt begins with; computed once.
             */
            shared: number;
            shortened: boolean;
        };
        CapacitySpeed: {
            /** Format: double */
            bytes_per_second: number;
            /** Format: double */
            flops: number;
        };
        CapacityStartBody: {
            /** Format: double */
            bound_seconds?: number;
            /** Format: double */
            every_minutes?: number;
            /** Format: int64 */
            most_people?: number;
        };
        CapacityStep: {
            /** Format: int64 */
            answers: number;
            /** Format: double */
            answers_per_minute: number;
            /**
             * Format: double
             * @description Share of the machine that this program itself took
             */
            client_percent: number;
            /**
             * Format: int64
             * @description Of the prompt, those that were computed
             */
            computed_tokens: number;
            /** Format: int64 */
            failed: number;
            /** Format: double */
            first_token_p50_seconds: number;
            /** Format: double */
            first_token_p95_seconds: number;
            /**
             * Format: double
             * @description Between tokens; of the answers' means
             */
            gap_p95_seconds: number;
            /** Format: int64 */
            output_tokens: number;
            /** Format: int64 */
            people: number;
            predicted?: components["schemas"]["CapacityPrediction"];
            /**
             * Format: int64
             * @description Answers that gave up their place or cells for a while
             */
            preempted: number;
            /** Format: int64 */
            prompt_tokens: number;
            /** Format: double */
            seconds: number;
            /** Format: double */
            tokens_per_second_each: number;
            /** Format: double */
            tokens_per_second_together: number;
        };
        CapacityView: {
            defaults: components["schemas"]["CapacitySettings"];
            /** @description What else would give, made from the newest result; absent where that does not say enough, and while a measurement runs */
            estimates?: components["schemas"]["CapacityEstimates"];
            /** @description Older ones, newest first, at most 19 */
            history: components["schemas"]["CapacityResult"][];
            models: components["schemas"]["NamedModel"][];
            /** @description How the last measurement since the program began ended, where it left no result */
            nothing?: components["schemas"]["CapacityNothing"];
            result?: components["schemas"]["CapacityResult"];
            running?: components["schemas"]["CapacityProgress"];
        };
        CatalogueRow: {
            /** @description Parameters that one token needs, where not all */
            active?: string;
            architecture: string;
            /** Format: int64 */
            bytes: number;
            /** Format: int64 */
            cache_bytes: number;
            /**
             * Format: int64
             * @description GiB of GPU memory from which on it fits comfortably
             * @enum {integer}
             */
            class_gb: 4 | 8 | 16 | 24 | 48 | 80;
            /**
             * Format: int64
             * @description Tokens it was trained for
             */
            context: number;
            /** @description Whether bytes is exact; else it is about */
            exact: boolean;
            family: string;
            file: string;
            have: string;
            id: string;
            languages: string;
            licence: string;
            name: string;
            /**
             * Format: int64
             * @description Bytes it takes with a conversation of 8192 tokens, about
             */
            need: number;
            note: string;
            parameters: string;
            /** @enum {string} */
            purpose: "chat" | "embeddings" | "reranker";
            quant: string;
            /** Format: int64 */
            read_percent: number;
            repository: string;
            /** @description Empty: not known */
            sha256: string;
            site: string;
            /** @description Where the row's figures are from */
            source: string;
            tight: boolean;
            /** @enum {string} */
            verdict: "fits" | "fits_partly" | "wont_fit" | "";
        };
        CatalogueView: {
            recommended: string;
            room: components["schemas"]["Room"];
            rows: components["schemas"]["CatalogueRow"][];
        };
        Change: {
            after?: string;
            before?: string;
            /** @description The headings above it, " > " between. */
            heading: string;
            /** @enum {string} */
            kind: "added" | "removed" | "changed";
            /** Format: int64 */
            page_after?: number;
            /** Format: int64 */
            page_before?: number;
        };
        Channels: {
            desktop: components["schemas"]["DesktopChannel"];
            email: components["schemas"]["EmailChannel"];
            quiet_hours: components["schemas"]["QuietHours"];
            syslog: components["schemas"]["SyslogChannel"];
            webhook: components["schemas"]["WebhookChannel"];
        };
        CheckAnswer: {
            answer: string;
            /** Format: int64 */
            first_token_ms: number;
            id: string;
            /** Format: int64 */
            output_tokens: number;
            passed: boolean;
            question: string;
            /** @description Why not passed, a sentence */
            reason: string;
            /** Format: double */
            tokens_per_sec: number;
        };
        CheckChanged: {
            model: string;
            progress?: components["schemas"]["Progress"];
            promoted: boolean;
        };
        CheckError: {
            code: string;
            message: string;
        };
        CheckResult: {
            answers: components["schemas"]["CheckAnswer"][];
            /** Format: int64 */
            asked: number;
            device: string;
            /** Format: date-time */
            ended_at?: string;
            error?: components["schemas"]["CheckError"];
            /** Format: int64 */
            first_token_ms: number;
            fresh: boolean;
            id: string;
            model: string;
            /** Format: int64 */
            passed: number;
            promoted: boolean;
            /** Format: date-time */
            started_at: string;
            /** @enum {string} */
            status: "running" | "done" | "stopped" | "interrupted" | "failed";
            /** Format: double */
            tokens_per_sec: number;
            /** Format: int64 */
            total: number;
        };
        CheckView: {
            /** @description The default model's, with the same questions as the result; of a model that has become the default by its check, that of the model before it */
            beside?: components["schemas"]["CheckResult"];
            /** @description This model is the default */
            is_current: boolean;
            passes: boolean;
            /**
             * Format: int64
             * @description How many a check asks now
             */
            questions: number;
            /** @description The newest of this model */
            result?: components["schemas"]["CheckResult"];
            /** @description The check that runs, of whichever model */
            running?: components["schemas"]["Progress"];
        };
        ChunkPlace: {
            /**
             * Format: int64
             * @description The first block of the passage.
             */
            from: number;
            id: string;
            /** Format: int64 */
            page?: number;
            /**
             * Format: int64
             * @description The last one, inclusive.
             */
            to: number;
        };
        Collection: {
            /** Format: int64 */
            chunks: number;
            /** Format: date-time */
            created_at: string;
            description: string;
            /** Format: int64 */
            documents: number;
            /** Format: int64 */
            failed: number;
            /** Format: int64 */
            flagged: number;
            id: string;
            /** Format: date-time */
            indexed_at?: string;
            languages: string[];
            /** @description It never leaves this box. */
            local_only: boolean;
            owner: string;
            /** Format: int64 */
            pages: number;
            /** @description Its queue rests. */
            paused: boolean;
            /**
             * @description Whether a model reads all of it with each question; auto: where it is small beside what the model can take.
             * @enum {string}
             */
            pinned: "auto" | "always" | "never";
            /** @description "everybody", or people; the owner reads it anyway. */
            readers: string[];
            /** Format: int64 */
            ready: number;
            /** @description What is said when they do not; empty: the built-in sentence. */
            refusal: string;
            /**
             * Format: double
             * @description The score from which its documents answer; absent: the measured default.
             */
            threshold?: number;
            title: string;
            /** Format: date-time */
            updated_at: string;
            /**
             * Format: int64
             * @description In the queue, or in work.
             */
            waiting: number;
        };
        CollectionChanged: {
            collection: components["schemas"]["Collection"];
        };
        CollectionDeleted: {
            id: string;
        };
        CollectionFields: {
            description?: string;
            languages?: string[];
            /** @description It never leaves this box. */
            local_only?: boolean;
            /**
             * @description Whether a model reads all of it with each question. always: a question whose model cannot take it all fails and says by how many tokens.
             * @enum {string}
             */
            pinned?: "auto" | "always" | "never";
            /** @description "everybody", or people. */
            readers?: string[];
            /** @description What is said when they do not; empty: the built-in sentence. */
            refusal?: string;
            /** @description The score from which its documents answer; null: the measured default. */
            threshold?: number | null;
            title?: string;
        };
        CollectionsBody: {
            collections: components["schemas"]["Collection"][];
        };
        CompareBody: {
            changes: components["schemas"]["Change"][];
        };
        Conversation: {
            /** @description What its questions are asked of; absent: the model alone. */
            collection?: string;
            /** Format: date-time */
            created_at: string;
            id: string;
            title: string;
            /** Format: date-time */
            updated_at: string;
        };
        ConversationBody: {
            conversation: components["schemas"]["Conversation"];
            messages: components["schemas"]["Message"][];
        };
        ConversationChanged: {
            conversation: components["schemas"]["Conversation"];
        };
        ConversationDeleted: {
            id: string;
        };
        ConversationsBody: {
            conversations: components["schemas"]["Conversation"][];
            /** @description Cursor of the next page; empty on the last. */
            next: string;
        };
        CostCloud: {
            /** @description When the price was looked up, such as 2025. */
            as_of: string;
            example: boolean;
            gpu: string;
            /**
             * Format: double
             * @description One hour of one.
             */
            hour: number;
            id: string;
            name: string;
        };
        CostLatency: {
            /** @enum {string} */
            class: "real-time" | "interactive" | "batch" | "unknown";
            /** Format: double */
            first_token_p95_seconds?: number;
            sentence: string;
            /** @enum {string} */
            source: "recorded" | "measured" | "none";
            /** Format: double */
            within_1s_percent?: number;
            /** Format: double */
            within_5s_percent?: number;
        };
        CostManaged: {
            as_of: string;
            /**
             * Format: double
             * @description Input that the service has read before.
             */
            cached_input: number;
            example: boolean;
            id: string;
            /** Format: double */
            input: number;
            name: string;
            /** Format: double */
            output: number;
        };
        CostOwn: {
            /**
             * Format: double
             * @description One hour of that person.
             */
            admin_hour: number;
            /**
             * Format: int64
             * @description A month; 0: nobody's time is counted.
             */
            admin_hours: number;
            /**
             * Format: double
             * @description One kilowatt-hour.
             */
            kwh: number;
            /**
             * Format: int64
             * @description Of the box without its GPUs; added to their measured power.
             */
            other_watts: number;
            /**
             * Format: double
             * @description What the box cost.
             */
            purchase: number;
            /**
             * Format: int64
             * @description Of the whole box under load, stated; used where its GPU does not tell its power.
             */
            watts: number;
            /**
             * Format: int64
             * @description It is used so long.
             */
            years: number;
        };
        CostRecorded: {
            /** Format: int64 */
            answers: number;
            /**
             * Format: int64
             * @description At this rate.
             */
            answers_per_month: number;
            /** Format: int64 */
            cached_tokens: number;
            /** Format: double */
            hours: number;
            /** Format: int64 */
            output_tokens: number;
            /** Format: int64 */
            peak_hour_answers: number;
            /** Format: int64 */
            prompt_tokens: number;
        };
        CostRow: {
            as_of?: string;
            /** Format: int64 */
            break_even?: number;
            /** Format: int64 */
            count: number;
            /** @description The price is an example: check your contract. Of the box: the sheet is the shipped one. */
            example: boolean;
            id: string;
            /** @enum {string} */
            kind: "box" | "cloud" | "managed";
            name: string;
            note?: string;
            /** Format: double */
            per_hour?: number;
            /** Format: double */
            per_month?: number;
            /** Format: double */
            per_thousand?: number;
        };
        CostSheet: {
            cloud: components["schemas"]["CostCloud"][];
            /** @description Three letters, such as USD. */
            currency: string;
            managed: components["schemas"]["CostManaged"][];
            own: components["schemas"]["CostOwn"];
        };
        CostView: {
            currency: string;
            enough: boolean;
            /** Format: date-time */
            from: string;
            latency: components["schemas"]["CostLatency"];
            recorded: components["schemas"]["CostRecorded"];
            /** @description This box first, then cloud GPUs, then services. */
            rows: components["schemas"]["CostRow"][];
            sentence: string;
            /** Format: date-time */
            to: string;
        };
        Counts: {
            /**
             * Format: int64
             * @description Part of prompt_tokens that was not computed again.
             */
            cached_tokens: number;
            /** Format: int64 */
            failed: number;
            /** Format: int64 */
            output_tokens: number;
            /** Format: int64 */
            prompt_tokens: number;
            /** Format: int64 */
            requests: number;
        };
        CPU: {
            /** @description Busy, of each processor. */
            cores_percent?: number[];
            /**
             * Format: double
             * @description Now, the mean of all processors.
             */
            frequency_hertz?: number;
            /** Format: double */
            frequency_max_hertz?: number;
            load?: components["schemas"]["Load"];
            /**
             * Format: double
             * @description Busy, of all processors together.
             */
            percent: number;
            /** @description Shares of the last ten seconds in which some program had to wait (PSI). */
            pressure?: components["schemas"]["Pressure"];
            /**
             * Format: double
             * @description Taken by the hypervisor, of all processors together.
             */
            steal_percent?: number;
        };
        DayUse: {
            /**
             * Format: int64
             * @description Part of prompt_tokens that was not computed again.
             */
            cached_tokens: number;
            /** Format: date */
            day: string;
            /** Format: int64 */
            failed: number;
            /** Format: int64 */
            output_tokens: number;
            /** Format: int64 */
            prompt_tokens: number;
            /** Format: int64 */
            requests: number;
        };
        Delivery: {
            /** Format: date-time */
            at: string;
            /** @enum {string} */
            channel: "desktop" | "email" | "webhook" | "syslog";
            /** @description Why it is held, failed, or waits for the next try */
            error?: string;
            /** @enum {string} */
            event: "alert.fired" | "alert.resolved";
            /** @enum {string} */
            status: "sent" | "waiting" | "failed" | "held";
        };
        Delta: {
            conversation_id: string;
            message_id: string;
            text: string;
            turn_id: string;
        };
        DesktopChannel: {
            enabled: boolean;
        };
        Device: {
            backend: string;
            description: string;
            /** Format: int64 */
            free: number;
            kind: string;
            name: string;
            /** Format: int64 */
            total: number;
        };
        Disk: {
            /** @description Its device is not known: read and written by all disks. */
            all_disks?: boolean;
            /**
             * Format: int64
             * @description What Alcove may still write.
             */
            free_bytes: number;
            /** Format: double */
            read_bytes_per_second?: number;
            /** Format: int64 */
            total_bytes: number;
            /** Format: double */
            write_bytes_per_second?: number;
        };
        Document: {
            /** Format: int64 */
            attempts: number;
            /** Format: int64 */
            chunks: number;
            collection_id: string;
            /** Format: date-time */
            created_at: string;
            /** @description The day from which it holds; absent: always. */
            effective?: string;
            flags: components["schemas"]["Flag"][];
            /** @description The watched folder that it came from; absent for a file that was sent. */
            folder?: string;
            format?: string;
            /** @description Questions can find text of it, maybe of the file as it was before. */
            found: boolean;
            id: string;
            /** Format: date-time */
            indexed_at?: string;
            language?: string;
            /** Format: date-time */
            modified?: string;
            name: string;
            /** Format: int64 */
            pages: number;
            path?: string;
            /**
             * Format: double
             * @description 0 to 1, of reading or indexing.
             */
            progress: number;
            /** @description Why it failed; of a duplicate the document that has the same bytes. */
            reason?: string;
            /** @description The sentence for people. */
            reason_text?: string;
            /** @description Documents of one series are versions of one text. */
            series?: string;
            sha256?: string;
            /**
             * Format: int64
             * @description Bytes.
             */
            size: number;
            /** @enum {string} */
            state: "waiting" | "reading" | "indexing" | "ready" | "failed" | "duplicate" | "cancelled";
            /** @description The document that holds in its place. */
            superseded_by?: string;
            title?: string;
            /** Format: date-time */
            updated_at: string;
            version?: string;
        };
        DocumentBlock: {
            cells?: string[] | null;
            head?: boolean;
            /** @description A reader of the file does not see it; it is in no index. */
            hidden?: boolean;
            /** @enum {string} */
            kind: "heading" | "paragraph" | "item" | "row" | "note";
            /** Format: int64 */
            level?: number;
            /** Format: int64 */
            page?: number;
            /**
             * Format: int64
             * @description Its place, from 0.
             */
            seq: number;
            /**
             * Format: int64
             * @description Rows with the same number are one table.
             */
            table?: number;
            text: string;
        };
        DocumentChanged: {
            document: components["schemas"]["Document"];
        };
        DocumentChangeInputBody: {
            /** @description A day as 2026-01-31; empty: always. */
            effective?: string;
            /** @description Empty: no other document is a version of it. */
            series?: string;
            title?: string;
            version?: string;
        };
        DocumentDeleted: {
            collection: string;
            id: string;
        };
        DocumentsBody: {
            documents: components["schemas"]["Document"][];
            /** @description Cursor of the next page; empty on the last. */
            next: string;
        };
        DocumentTextBody: {
            blocks: components["schemas"]["DocumentBlock"][];
            /** @description Absent too where the document has no such passage any more. */
            chunk?: components["schemas"]["ChunkPlace"];
            document: components["schemas"]["Document"];
            /**
             * Format: int64
             * @description The from of what follows; absent: this is the end.
             */
            next?: number;
        };
        DraftInputBody: {
            /** @description As in the question; absent: the conversation's. */
            collection?: string;
            model?: string;
            /** @description The answer that the question will follow; absent or null: none. */
            parent_id?: string | null;
            /** @description As typed so far; empty: it was given up. */
            text: string;
        };
        EmailChannel: {
            enabled: boolean;
            /** @description Sender's address */
            from: string;
            /** @description Goes in only; absent: as it was; empty: removed */
            password?: string;
            /** @description Comes out only */
            password_set?: boolean;
            /**
             * Format: int64
             * @description 1 to 65535; usual: 587 with starttls, 465 with tls, 25 with none
             */
            port: number;
            /**
             * @description none: readable on the network; no password is sent then but on this machine
             * @enum {string}
             */
            security: "starttls" | "tls" | "none";
            /** @description Host name or address */
            server: string;
            /** @description 1 to 20 addresses */
            to: string[];
            /** @description Empty: no sign-in */
            user: string;
        };
        Engine: {
            /**
             * Format: int64
             * @description Answers being written.
             */
            active: number;
            model?: string;
            /**
             * Format: int64
             * @description Answers that wait.
             */
            queued: number;
            /**
             * Format: double
             * @description Written in the last seconds, all answers together.
             */
            tokens_per_sec?: number;
            /** @description All workers together. Absent while none runs. */
            worker?: components["schemas"]["Worker"];
            workers?: components["schemas"]["Worker"][];
        };
        EngineBody: {
            status: components["schemas"]["Status"];
            /** @description Who is in the worker and what its cache holds, at most half a second old while it works. Absent while there is no worker. */
            view?: components["schemas"]["View"];
        };
        EngineChanged: {
            models: components["schemas"]["Model"][];
            status: components["schemas"]["Status"];
        };
        FieldError: {
            field: string;
            message: string;
        };
        Figures: {
            /** Format: int64 */
            cached_tokens: number;
            device: string;
            finish: string;
            /** Format: int64 */
            first_token_ms: number;
            model: string;
            /** Format: int64 */
            output_tokens: number;
            /** Format: int64 */
            prompt_tokens: number;
            /** Format: int64 */
            restarts: number;
            /** Format: double */
            tokens_per_sec: number;
            /** Format: int64 */
            total_ms: number;
        };
        Fit: {
            because: string;
            /** Format: int64 */
            cells?: number;
            /** Format: int64 */
            context?: number;
            devices: components["schemas"]["FitDevice"][];
            /** Format: int64 */
            free: number;
            kv?: string;
            /** Format: int64 */
            need: number;
            rejected?: components["schemas"]["FitReason"][] | null;
            /** Format: int64 */
            slots?: number;
            /** Format: int64 */
            usable: number;
            verdict: string;
        };
        FitDevice: {
            /** Format: int64 */
            compute: number;
            /** Format: int64 */
            free: number;
            /** Format: int64 */
            kv: number;
            /** Format: int64 */
            layers: number;
            name: string;
            /** Format: int64 */
            process: number;
            /** Format: int64 */
            reserve: number;
            /** Format: int64 */
            weights: number;
        };
        FitReason: {
            code: string;
            sentence: string;
        };
        Flag: {
            kind: string;
            note?: string;
            /** Format: int64 */
            page?: number;
        };
        Folder: {
            /**
             * Format: int64
             * @description Documents of it.
             */
            files: number;
            id: string;
            path: string;
            reason?: string;
            /**
             * @description missing: it is not there now; its documents are kept.
             * @enum {string}
             */
            state: "watching" | "missing";
        };
        FolderBody: {
            /** @description The model folders; files that are sent come into the first. */
            folders: string[];
        };
        FolderInputBody: {
            /** @description The whole path of a folder of this machine. */
            path: string;
        };
        FoldersBody: {
            folders: components["schemas"]["Folder"][];
        };
        FoundSignals: {
            /** Format: double */
            bm25: number;
            /** Format: double */
            cosine: number;
            /** Format: double */
            coverage: number;
        };
        FoundSource: {
            approved?: boolean;
            chunk_id: string;
            cited: boolean;
            collection: string;
            document: string;
            document_id: string;
            effective?: string;
            heading?: string;
            /** Format: int64 */
            n: number;
            /** Format: int64 */
            page?: number;
            /** Format: int64 */
            page_end?: number;
            quote: string;
            /** @description Places in the lists, from 1; absent: not in that list. */
            ranks: components["schemas"]["Ranks"];
            removed?: boolean;
            /** Format: double */
            score: number;
            signals: components["schemas"]["FoundSignals"];
            superseded_by?: string;
            text: string;
            title: string;
            version?: string;
        };
        Gap: {
            examples: string[];
            /** @description Answers to its questions, as the inbox names them. */
            ids: string[];
            /** Format: date-time */
            last_asked: string;
            /**
             * Format: int64
             * @description Different ones.
             */
            questions: number;
            /**
             * Format: int64
             * @description How often they were asked.
             */
            times: number;
            /** @description The words that its questions share. */
            topic: string;
        };
        GapsBody: {
            /** @description Most asked first. */
            gaps: components["schemas"]["Gap"][];
        };
        Golden: {
            /** @description Tells the set: results with the same one can be compared */
            hash: string;
            questions: components["schemas"]["Question"][];
            /** @description Whether these are the shipped ones */
            shipped: boolean;
        };
        GoldenChangeBody: {
            writes: boolean;
        };
        GoldenInputBody: {
            questions: components["schemas"]["Question"][] | null;
        };
        GoldenProgress: {
            collection: string;
            /** Format: int64 */
            done: number;
            reason: string;
            /** Format: int64 */
            total: number;
        };
        GoldenQuestion: {
            /** @description The day whose documents hold; absent: today. */
            as_of?: string;
            /** @description Questions asked before it in the same conversation. */
            context?: string[] | null;
            /** @description The file that must say it; absent: any. */
            document?: string;
            /** @enum {string} */
            expect: "answered" | "refused";
            /** @description What the model's answer must state, such as 28 days; 28 Tage and twenty-eight days are the same. Absent: one of the figures of the sentence, where it has any. */
            figures?: string[] | null;
            id: string;
            /**
             * Format: int64
             * @description Its page; absent: any.
             */
            page?: number;
            question: string;
            /** @description Must be in a passage that is found, literally; in a table the cells of a row, ' | ' between. */
            sentence?: string;
        };
        GoldenQuestionsBody: {
            questions: components["schemas"]["GoldenQuestion"][] | null;
        };
        GoldenResult: {
            /** @description HR's approved answer was given. */
            approved?: boolean;
            /** @description It fails now and passed before. */
            broken: boolean;
            decision: string;
            /** @description Where that is. */
            document?: string;
            /** @description It passes and fails by turns with the same documents and models: that is no break. */
            flapping?: boolean;
            id: string;
            passed: boolean;
            /** @description Why it fails: answered or refused against what is expected; the sentence is not found; the model's answer does not cite it; a figure is not in it. */
            problems?: ("decision" | "sentence" | "citation" | "figures")[] | null;
            /** @description The best sentence that was found; it goes with its document. */
            quote?: string;
            /**
             * Format: int64
             * @description Place of the passage with the sentence, from 1; absent: it was not found.
             */
            rank?: number;
            /** Format: double */
            score: number;
            /** @description What it wrote; it goes with its documents. */
            text?: string;
            /** @description The model was asked. */
            written?: boolean;
        };
        GoldenRun: {
            /** Format: int64 */
            broken: number;
            /** Format: date-time */
            ended_at: string;
            id: string;
            /** Format: int64 */
            passed: number;
            /** @enum {string} */
            reason: "manual" | "nightly" | "documents" | "models";
            results: components["schemas"]["GoldenResult"][];
            /** Format: date-time */
            started_at: string;
            /** Format: int64 */
            total: number;
        };
        GoldenRuns: {
            running?: components["schemas"]["GoldenProgress"];
            /** @description Newest first. */
            runs: components["schemas"]["GoldenRun"][];
        };
        GoldenSet: {
            questions: components["schemas"]["GoldenQuestion"][];
            shipped: boolean;
            writes: boolean;
        };
        GPU: {
            /** Format: double */
            clock_hertz?: number;
            /** Format: double */
            clock_max_hertz?: number;
            /**
             * Format: int64
             * @description Memory errors since the driver's start that were mended.
             */
            ecc_corrected?: number;
            /**
             * Format: int64
             * @description And that were not.
             */
            ecc_uncorrected?: number;
            /** @description In the driver's words: the device is lost, for example. */
            error?: string;
            /** Format: double */
            fan_percent?: number;
            /** Format: double */
            memory_clock_hertz?: number;
            /** Format: int64 */
            memory_total_bytes?: number;
            /** Format: int64 */
            memory_used_bytes?: number;
            /**
             * Format: double
             * @description How busy the memory's controller is.
             */
            memory_utilization_percent?: number;
            name?: string;
            /** @description Its address: domain:bus:device.function. */
            pci?: string;
            /** Format: int64 */
            pcie_generation?: number;
            /** Format: double */
            pcie_receive_bytes_per_second?: number;
            /** Format: double */
            pcie_transmit_bytes_per_second?: number;
            /** Format: int64 */
            pcie_width?: number;
            /** @description NVIDIA's: P0 is the fastest. */
            performance_state?: string;
            /** Format: double */
            power_limit_watts?: number;
            /** Format: double */
            power_watts?: number;
            /** @description What computes on it. */
            processes?: components["schemas"]["GPUProcess"][];
            /**
             * Format: int64
             * @description Main memory that it may use: most of what a GPU inside a processor has.
             */
            shared_total_bytes?: number;
            /** Format: int64 */
            shared_used_bytes?: number;
            /** Format: double */
            temperature_celsius?: number;
            /**
             * Format: double
             * @description Where it slows down.
             */
            temperature_limit_celsius?: number;
            /** @description Why it is slower than it could be: thermal_hardware, thermal_software, power_brake, power_cap, hardware, sync, clocks_setting, display, other. Empty: it is not. Absent: nobody knows. */
            throttle?: string[];
            /** Format: double */
            utilization_percent?: number;
            uuid?: string;
            /** @enum {string} */
            vendor?: "nvidia" | "amd" | "intel";
            /**
             * Format: int64
             * @description Of our workers.
             */
            worker_memory_bytes?: number;
            /**
             * Format: int64
             * @description NVIDIA's code of its last fault, since the program's start.
             */
            xid?: number;
            /**
             * Format: date-time
             * @description When the last one was seen.
             */
            xid_at?: string;
            /** Format: int64 */
            xid_count?: number;
        };
        GPUProcess: {
            /** Format: int64 */
            memory_bytes?: number;
            /** Format: int64 */
            pid: number;
            /** @description One of ours. */
            worker?: boolean;
        };
        Grounding: {
            approved?: components["schemas"]["ApprovedMark"];
            as_of?: string;
            checks?: components["schemas"]["SentenceCheck"][] | null;
            collection: string;
            decision: string;
            inbox?: string;
            query?: string;
            /** Format: double */
            score: number;
            /** Format: double */
            threshold: number;
            /** Format: int64 */
            took_ms: number;
        };
        HardwareBody: {
            /** @description What the machine is: CPU, memory, GPUs. */
            facts: unknown;
            status: components["schemas"]["Status"];
        };
        HelloEvent: {
            instance: string;
            /**
             * Format: int64
             * @description The number from which the stream goes on.
             */
            seq: number;
        };
        Hit: {
            conversation: components["schemas"]["Conversation"];
            /** @description Absent when the title was found. */
            message_id?: string;
            /** @description Hits are marked with U+0001 and U+0002. */
            snippet: string;
        };
        ImportedBody: {
            conversations: components["schemas"]["Conversation"][];
        };
        ImportInputBody: {
            /** @description Of a file on this machine. */
            path: string;
        };
        InboxBody: {
            /** @description Answers by state. */
            counts: {
                [key: string]: number;
            };
            /** @description Of the newest 500 answers; the same question is one item. */
            items: components["schemas"]["InboxItem"][];
        };
        InboxChangeBody: {
            collection: string;
            ids: string[] | null;
            /** @enum {string} */
            state: "open" | "dismissed";
        };
        InboxChanged: {
            collection: string;
        };
        InboxItem: {
            answer_id?: string;
            /**
             * Format: date-time
             * @description When it was asked last.
             */
            asked_at: string;
            grounding: components["schemas"]["Grounding"];
            /** @description Answers to this question, newest first: what PATCH and POST answers take. */
            ids: string[];
            /** @enum {string} */
            kind: "unanswered" | "low_score" | "thumbs_down";
            /** @description What readers wrote with a thumb down. */
            notes?: string[] | null;
            question: string;
            /** @enum {string} */
            state: "open" | "answered" | "dismissed";
            /** Format: int64 */
            times: number;
        };
        Item: {
            /** @description What to do. */
            advice: string;
            /** @description What was seen. */
            cause: string;
            /** @description Stays the same while it lasts. */
            id: string;
            /** @enum {string} */
            severity: "info" | "warning" | "critical";
            /** Format: date-time */
            since: string;
            title: string;
        };
        Key: {
            /** Format: date-time */
            created_at: string;
            id: string;
            /** Format: date-time */
            last_used_at?: string;
            name: string;
            prefix: string;
            /** Format: date-time */
            revoked_at?: string;
        };
        KeysBody: {
            keys: components["schemas"]["Key"][];
        };
        LatencySeries: {
            count: number[];
            name: string;
            p50: (number | null)[];
            p95: (number | null)[];
            p99: (number | null)[];
        };
        LatencyView: {
            /** Format: date-time */
            from: string;
            requests_per_hour: (number | null)[];
            /** @description queue_seconds, first_token_seconds, inter_token_seconds, total_seconds, tokens_in_per_second, tokens_out_per_second. */
            series: components["schemas"]["LatencySeries"][];
            /** Format: int64 */
            step_seconds: number;
            /** @description When each step begins, in Unix seconds. */
            times: number[];
            /** Format: date-time */
            to: string;
            /** @description One for each model, route and class, of the whole range. */
            totals: components["schemas"]["Total"][];
        };
        LinkBody: {
            /** Format: date-time */
            expires_at: string;
            url: string;
        };
        Load: {
            /** Format: double */
            load_1m: number;
            /** Format: double */
            load_5m: number;
            /** Format: double */
            load_15m: number;
        };
        Loaded: {
            /** Format: int64 */
            active: number;
            /** Format: int64 */
            cells?: number;
            /** Format: int64 */
            cells_used?: number;
            device?: string;
            model: string;
            /** Format: int64 */
            queued: number;
            ready: boolean;
            role?: string;
            /** Format: int64 */
            worker_pid?: number;
        };
        MachineSeries: {
            /** @description The GPU's name and number. */
            device?: string;
            max: (number | null)[];
            mean: (number | null)[];
            name: string;
            /** @description percent, bytes, bytes_per_second, celsius, hertz, watts, tokens_per_second, or empty for a plain number. */
            unit: string;
        };
        MachineView: {
            /** Format: date-time */
            from: string;
            series: components["schemas"]["MachineSeries"][];
            /** Format: int64 */
            step_seconds: number;
            /** @description When each step begins, in Unix seconds. */
            times: number[];
            /** Format: date-time */
            to: string;
        };
        Mark: {
            /** Format: date-time */
            at: string;
            /** @enum {string} */
            kind: "started" | "model_loaded" | "model_unloaded" | "worker_died" | "device_changed" | "alert_fired" | "alert_resolved";
            model?: string;
            text: string;
        };
        MarksBody: {
            /** @description Oldest first. */
            marks: components["schemas"]["Mark"][];
        };
        Memory: {
            /** Format: int64 */
            total_bytes: number;
            /**
             * Format: int64
             * @description What programs could not be given at once.
             */
            used_bytes: number;
        };
        Message: {
            conversation_id: string;
            /** Format: date-time */
            created_at: string;
            error?: components["schemas"]["MessageError"];
            figures?: components["schemas"]["Figures"];
            /** @description Absent: documents were not asked. */
            grounding?: components["schemas"]["Grounding"];
            id: string;
            parent_id: string | null;
            /**
             * @description What its reader thinks of it; absent: nothing was said.
             * @enum {string}
             */
            rating?: "up" | "down";
            /** @enum {string} */
            role: "user" | "assistant";
            /**
             * Format: int64
             * @description While writing: the event number that text includes.
             */
            seq?: number;
            /** @description The passages that it stands on, best first. */
            sources?: components["schemas"]["Source"][];
            /** @enum {string} */
            status: "writing" | "done" | "stopped" | "interrupted" | "failed";
            text: string;
            turn_id?: string;
        };
        MessageError: {
            code: string;
            message: string;
        };
        Metric: {
            name: string;
            title: string;
            /** @enum {string} */
            unit: "seconds" | "answers" | "percent" | "bytes" | "celsius" | "hours" | "flag";
            /**
             * Format: double
             * @description Now; absent: not known
             */
            value?: number;
        };
        Model: {
            adapters?: string[];
            architecture?: string;
            chat: boolean;
            /** Format: int64 */
            context: number;
            default: boolean;
            device?: string;
            embeddings: boolean;
            fit?: components["schemas"]["Fit"];
            id: string;
            keep?: boolean;
            languages?: string[];
            license?: string;
            name: string;
            /** @description A person chose something for this model. */
            own_settings?: boolean;
            parameters: string;
            quant?: string;
            reason?: string;
            reranker: boolean;
            sha256?: string[];
            /** Format: int64 */
            size_bytes: number;
            /** Format: int64 */
            slots?: number;
            /** @description Measured on this box; absent before the first answer. */
            speed?: components["schemas"]["Speed"];
            state: string;
            test: boolean;
        };
        ModelSettings: {
            /**
             * Format: int64
             * @description Tokens one conversation may have, 512 to 1048576; absent: chosen for this machine.
             */
            context?: number | null;
            /** @description It stays loaded: neither another model nor idle time ends it. */
            keep?: boolean | null;
            /** @description Type of the cache: f16 or q8_0; absent: chosen for this machine. */
            kv?: string | null;
            /** @description Adapters that are loaded with the model, at most 8. */
            lora?: string[] | null;
            /**
             * Format: int64
             * @description 0 to 1000000; 0: up to the context's end.
             */
            max_tokens?: number | null;
            /**
             * Format: double
             * @description 0 to 1.
             */
            min_p?: number | null;
            /** @description Stands before the one of the settings for all. At most 32768 bytes. */
            system_prompt?: string | null;
            /**
             * Format: double
             * @description 0 to 2.
             */
            temperature?: number | null;
            /**
             * Format: int64
             * @description 0 to 1000.
             */
            top_k?: number | null;
            /**
             * Format: double
             * @description 0 to 1.
             */
            top_p?: number | null;
        };
        ModelSettingsBody: {
            settings: components["schemas"]["ModelSettings"];
        };
        ModelUse: {
            /**
             * Format: int64
             * @description Part of prompt_tokens that was not computed again.
             */
            cached_tokens: number;
            /** Format: int64 */
            failed: number;
            model: string;
            /** Format: int64 */
            output_tokens: number;
            /** Format: int64 */
            prompt_tokens: number;
            /** Format: int64 */
            requests: number;
        };
        MonitorBody: {
            /** @description One a second, oldest first; the event monitor brings the next ones. */
            samples: components["schemas"]["Sample"][];
        };
        NamedModel: {
            id: string;
            name: string;
        };
        Network: {
            /** Format: double */
            receive_bytes_per_second: number;
            /** Format: double */
            transmit_bytes_per_second: number;
        };
        NewAnswerInputBody: {
            answer: string;
            /** @description Who signs it, as readers see it. */
            by?: string;
            collection: string;
            /** @description A day as 2026-01-31; absent: always. */
            effective?: string;
            /** @description The last day on which it is given; absent: it does not end. */
            expires?: string;
            /** @description The items of the inbox that it answers. */
            ids?: string[] | null;
            question: string;
            /** @description Passages that it stands on. It is given while each of them is found as it is now. */
            sources?: components["schemas"]["AnswerPassage"][] | null;
        };
        NewCollectionInputBody: {
            description?: string;
            /** @description A short name, chosen once. */
            id: string;
            languages?: string[];
            /** @description It never leaves this box. */
            local_only?: boolean;
            /**
             * @description Whether a model reads all of it with each question. always: a question whose model cannot take it all fails and says by how many tokens.
             * @enum {string}
             */
            pinned?: "auto" | "always" | "never";
            /** @description "everybody", or people. */
            readers?: string[];
            /** @description What is said when they do not; empty: the built-in sentence. */
            refusal?: string;
            /** @description The score from which its documents answer; null: the measured default. */
            threshold?: number | null;
            title?: string;
        };
        NewConversationBody: {
            /**
             * Format: uuid
             * @description Made by the client, so that a repeat is harmless.
             */
            id?: string;
            title?: string;
        };
        NewKeyBody: {
            /** Format: date-time */
            created_at: string;
            id: string;
            /** @description Shown once. */
            key: string;
            /** Format: date-time */
            last_used_at?: string;
            name: string;
            prefix: string;
            /** Format: date-time */
            revoked_at?: string;
        };
        NewKeyInputBody: {
            name: string;
        };
        Node: {
            /** Format: int64 */
            depth: number;
            in_use: boolean;
            label: string;
            pinned: boolean;
            /** Format: int64 */
            seqs: number;
            /** Format: int64 */
            tokens: number;
        };
        Notice: {
            alert?: components["schemas"]["NoticeAlert"];
            /** @description What a summary is about */
            alerts?: components["schemas"]["NoticeLine"][] | null;
            /** Format: date-time */
            at: string;
            /** @description The machine's name */
            box: string;
            /** @description Tells the message: one that comes twice has the same */
            delivery: string;
            /** @enum {string} */
            event: "alert.fired" | "alert.resolved" | "alert.summary" | "test";
            /** @enum {string} */
            severity: "warning" | "critical" | "info";
            text: string;
            title: string;
        };
        NoticeAlert: {
            /** Format: date-time */
            fired_at: string;
            id: string;
            metric: string;
            /** Format: date-time */
            resolved_at?: string;
            rule: string;
            /** Format: double */
            threshold: number;
            unit: string;
            /** Format: double */
            value: number;
        };
        NoticeLine: {
            /** Format: date-time */
            fired_at: string;
            id: string;
            metric: string;
            /** Format: date-time */
            resolved_at?: string;
            rule: string;
            severity: string;
            /** Format: double */
            threshold: number;
            title: string;
            unit: string;
            /** Format: double */
            value: number;
        };
        Percentiles: {
            /** Format: int64 */
            count: number;
            /** Format: double */
            max: number;
            /** Format: double */
            p50: number;
            /** Format: double */
            p95: number;
            /** Format: double */
            p99: number;
        };
        PersonUse: {
            /**
             * Format: int64
             * @description Part of prompt_tokens that was not computed again.
             */
            cached_tokens: number;
            /** Format: int64 */
            failed: number;
            /** Format: int64 */
            output_tokens: number;
            /**
             * Format: int64
             * @description How many they are.
             */
            people: number;
            /** Format: int64 */
            prompt_tokens: number;
            /** Format: int64 */
            requests: number;
            /** @description page, the name of an API key, or others. */
            who: string;
        };
        Pressure: {
            /** Format: double */
            cpu_percent?: number;
            /** Format: double */
            io_percent?: number;
            /** Format: double */
            memory_percent?: number;
        };
        PricesView: {
            cloud: components["schemas"]["CostCloud"][];
            /** @description Three letters, such as USD. */
            currency: string;
            /** @description Of cloud GPUs: those whose number can be estimated */
            gpu_classes: string[];
            managed: components["schemas"]["CostManaged"][];
            own: components["schemas"]["CostOwn"];
            shipped: boolean;
        };
        Problem: {
            /** @description What programs look at; docs/errors.md lists them. */
            code: string;
            /** @description The sentence for the user. */
            detail: string;
            /** @description The fields that are wrong. */
            errors?: components["schemas"]["FieldError"][] | null;
            /** @description Finds the request in the log. */
            request_id?: string;
            /** Format: int64 */
            status: number;
            /** @description The status in words. */
            title: string;
            /** @description Always about:blank. */
            type: string;
        };
        Progress: {
            /** @description The model that is asked or loaded now: the candidate, or the current one to compare with, which is also loaded again at the end */
            asking: string;
            /**
             * Format: int64
             * @description Questions asked so far, of both models
             */
            done: number;
            /** @description The candidate */
            model: string;
            /** @enum {string} */
            stage: "loading" | "asking";
            /** Format: date-time */
            started_at: string;
            /**
             * Format: int64
             * @description Questions to ask, of both models
             */
            total: number;
        };
        Question: {
            /** @description Words or phrases that must all occur */
            expect_all?: string[] | null;
            /** @description Words or phrases of which one must occur */
            expect_any?: string[] | null;
            /** @description a to z, 0 to 9 and hyphens, at most 40 */
            id: string;
            /**
             * Format: int64
             * @description Bound of the answer, 1 to 2048
             */
            max_tokens: number;
            /** @description Words or phrases of which none may occur */
            must_not?: string[] | null;
            /** @description At most 8000 characters; a passage to answer from belongs into it */
            question: string;
            /** @description Instructions before it, at most 4000 characters; absent: none */
            system?: string;
        };
        QuietHours: {
            /** @description Hold critical alerts too */
            critical_too: boolean;
            enabled: boolean;
            /** @description HH:MM, the machine's local time */
            from: string;
            /** @description HH:MM; earlier than from: on the next day */
            to: string;
        };
        Ranks: {
            /** Format: int64 */
            rerank?: number;
            /** Format: int64 */
            text?: number;
            /** Format: int64 */
            vector?: number;
        };
        RatingInputBody: {
            /** @description What was wrong; HR reads it, without who wrote it. */
            note?: string;
            /** @enum {string} */
            rating: "up" | "down";
        };
        RegenerateInputBody: {
            model?: string;
            sampling?: components["schemas"]["Sampling"];
        };
        RenameInputBody: {
            /** @description The documents that its next questions are asked of; empty: none. */
            collection?: string;
            title?: string;
        };
        Report: {
            /** @description Days on which something was done, oldest first. */
            by_day: components["schemas"]["DayUse"][];
            /** @description Most requests first. */
            by_model: components["schemas"]["ModelUse"][];
            /** Format: date-time */
            from: string;
            /** @description Only with the setting usage_per_person, of the last 30 days at most, most requests first. */
            people?: components["schemas"]["PersonUse"][];
            /** Format: date-time */
            to: string;
            total: components["schemas"]["Counts"];
        };
        RequestRow: {
            /**
             * Format: date-time
             * @description When it ended.
             */
            at: string;
            /** Format: int64 */
            cached_tokens: number;
            class: string;
            /** @description Of the error. */
            code?: string;
            device: string;
            /** Format: int64 */
            first_token_ms?: number;
            id: string;
            model: string;
            /** Format: int64 */
            output_tokens: number;
            /** Format: int64 */
            prompt_tokens: number;
            /** Format: int64 */
            queue_ms: number;
            /**
             * Format: int64
             * @description Workers that died under it.
             */
            restarts: number;
            route: string;
            /** @enum {string} */
            status: "done" | "stopped" | "failed";
            /** Format: double */
            tokens_per_second?: number;
            /** Format: int64 */
            total_ms: number;
            /** @description page, house check, or API key; the key's name with the setting usage_per_person. */
            who: string;
        };
        RequestsView: {
            next?: string;
            requests: components["schemas"]["RequestRow"][];
        };
        ResetEvent: {
            /** Format: int64 */
            seq: number;
        };
        Room: {
            /** Format: int64 */
            gpu: number;
            /** Format: int64 */
            memory: number;
        };
        Rule: {
            /**
             * Format: double
             * @description Fires above this; either this or below
             */
            above?: number;
            /** Format: double */
            below?: number;
            /**
             * Format: double
             * @description Ends on the good side of this; absent: the threshold itself
             */
            clear?: number;
            /**
             * Format: int64
             * @description 10 to 604800
             */
            clear_seconds: number;
            enabled: boolean;
            /**
             * Format: int64
             * @description 0 to 604800
             */
            for_seconds: number;
            /** @description a to z, 0 to 9 and hyphens, at most 40 */
            id: string;
            metric: string;
            /** @enum {string} */
            severity: "warning" | "critical";
            /** @description At most 120 characters, on one line */
            title: string;
        };
        RulesInputBody: {
            rules: components["schemas"]["Rule"][];
        };
        Sample: {
            /** Format: date-time */
            at: string;
            /** @description All batteries together; absent where there is none. */
            battery?: components["schemas"]["Battery"];
            cpu?: components["schemas"]["CPU"];
            disk?: components["schemas"]["Disk"];
            engine?: components["schemas"]["Engine"];
            /** @description Absent where there is no GPU, or while it is unavailable. */
            gpus?: components["schemas"]["GPU"][];
            memory?: components["schemas"]["Memory"];
            network?: components["schemas"]["Network"];
            /** @description Absent where the machine has none. */
            swap?: components["schemas"]["Swap"];
            /** @description Of all but the GPUs. */
            temperatures?: components["schemas"]["Temperature"][];
            /** @description Sources that should answer and do not; they are asked again. */
            unavailable?: components["schemas"]["Unavailable"][];
        };
        Sampling: {
            /** Format: int64 */
            max_tokens?: number;
            /** Format: double */
            min_p?: number;
            /** Format: int64 */
            seed?: number;
            stop?: string[] | null;
            /** Format: double */
            temperature?: number;
            /** Format: int64 */
            top_k?: number;
            /** Format: double */
            top_p?: number;
        };
        Seal: {
            /** Format: int64 */
            landlock_abi: number;
            missing?: string;
            no_core_dumps: boolean;
            no_new_privileges: boolean;
            seccomp: boolean;
        };
        SearchBody: {
            /**
             * Format: double
             * @description How far words and meaning found the same, 0..1.
             */
            agreement?: number;
            /**
             * Format: double
             * @description Share of them that the first three passages have, by how rare they are.
             */
            coverage?: number;
            grounding?: components["schemas"]["Grounding"];
            hits: components["schemas"]["Hit"][];
            /**
             * @description By words and by meaning, or by words alone.
             * @enum {string}
             */
            mode?: "hybrid" | "text";
            passages?: components["schemas"]["FoundSource"][];
            /** @description Why by words alone, a sentence. */
            reason?: string;
            /** @description Words of the question that were looked for. */
            terms?: string[];
            times?: components["schemas"]["SearchTimes"];
        };
        SearchTimes: {
            /** Format: double */
            embed_ms: number;
            /** Format: double */
            rerank_ms?: number;
            /** Format: double */
            text_ms: number;
            /** Format: double */
            total_ms: number;
            /** Format: double */
            vector_ms: number;
        };
        SentBody: {
            sent: boolean;
        };
        SentenceCheck: {
            /** Format: int64 */
            end: number;
            note?: string;
            sources?: number[] | null;
            /** Format: int64 */
            start: number;
            status: string;
        };
        SessionBody: {
            instance: string;
            signed_in: boolean;
            user?: string;
            version?: string;
        };
        Settings: {
            /** @description Empty: the first one of the folder. */
            default_model?: string;
            /** @description Of the page; empty: the browser's. */
            language?: string;
            /**
             * Format: int64
             * @description 0: up to the context's end.
             */
            max_tokens?: number;
            /** Format: double */
            min_p?: number;
            /** @description Read questions while they are typed, when nobody else waits and the machine is not on battery. Absent: true. */
            prefill_while_typing?: boolean;
            /** @description A model that passes the house check well enough becomes the default by itself. Absent: false. */
            promote_when_passed?: boolean;
            /** @description Empty: the built-in one. */
            system_prompt?: string;
            /** Format: double */
            temperature?: number;
            /** @enum {string} */
            theme?: "system" | "light" | "dark";
            /** Format: int64 */
            top_k?: number;
            /** Format: double */
            top_p?: number;
            /**
             * Format: int64
             * @description How long an answer goes on when nobody reads.
             */
            turn_orphan_seconds?: number;
            /**
             * Format: int64
             * @description The smallest group whose people are told apart. Absent: 5.
             */
            usage_min_group?: number;
            /** @description Say how much each person used, where their group is not too small. Absent: false. */
            usage_per_person?: boolean;
        };
        SettingsBody: {
            settings: components["schemas"]["Settings"];
        };
        SignInInputBody: {
            token: string;
        };
        Slot: {
            /** Format: int64 */
            cached: number;
            class?: string;
            /** Format: int64 */
            follows?: number;
            /** Format: int64 */
            have: number;
            /** Format: int64 */
            id: number;
            /** Format: int64 */
            place?: number;
            /** Format: int64 */
            prompt: number;
            /** Format: int64 */
            rows: number;
            state: string;
            user?: string;
            /** Format: int64 */
            written: number;
        };
        Source: {
            approved?: boolean;
            chunk_id: string;
            cited: boolean;
            collection: string;
            document: string;
            document_id: string;
            effective?: string;
            heading?: string;
            /** Format: int64 */
            n: number;
            /** Format: int64 */
            page?: number;
            /** Format: int64 */
            page_end?: number;
            quote: string;
            removed?: boolean;
            /** Format: double */
            score: number;
            superseded_by?: string;
            text: string;
            title: string;
            version?: string;
        };
        Speed: {
            /** Format: int64 */
            answers: number;
            device: string;
            /** Format: int64 */
            first_token_ms: number;
            /** Format: double */
            tokens_per_sec: number;
        };
        StartedBody: {
            answer: components["schemas"]["Message"];
            question: components["schemas"]["Message"];
            turn_id: string;
        };
        Status: {
            /** Format: int64 */
            active: number;
            /** Format: int64 */
            cells?: number;
            /** Format: int64 */
            cells_used?: number;
            device?: string;
            devices?: components["schemas"]["Device"][] | null;
            gpu_reason?: string;
            library?: string;
            loaded: components["schemas"]["Loaded"][];
            model?: string;
            /** Format: int64 */
            queued: number;
            ready: boolean;
            reason?: string;
            /** Format: int64 */
            restarts: number;
            resting?: boolean;
            seal: components["schemas"]["Seal"];
            work?: components["schemas"]["Work"];
            /** Format: int64 */
            worker_pid?: number;
        };
        Swap: {
            /** Format: double */
            in_bytes_per_second?: number;
            /** Format: double */
            out_bytes_per_second?: number;
            /** Format: int64 */
            total_bytes: number;
            /** Format: int64 */
            used_bytes: number;
        };
        SyslogChannel: {
            /** @description host:port of udp and tcp; of local the socket's path, empty: /dev/log */
            address: string;
            enabled: boolean;
            /** @enum {string} */
            network: "local" | "udp" | "tcp";
        };
        Temperature: {
            /** Format: double */
            celsius: number;
            /** @description Of a processor. */
            cpu?: boolean;
            /** @description The chip and its sensor, as the kernel names them. */
            label: string;
            /**
             * Format: double
             * @description Where the hardware slows down or turns off.
             */
            limit_celsius?: number;
        };
        Total: {
            /**
             * Format: int64
             * @description Part of prompt_tokens that was not computed again.
             */
            cached_tokens: number;
            class: string;
            /** Format: int64 */
            failed: number;
            figures: {
                [key: string]: components["schemas"]["Percentiles"];
            };
            model: string;
            /** Format: int64 */
            output_tokens: number;
            /** Format: int64 */
            prompt_tokens: number;
            /** Format: int64 */
            requests: number;
            route: string;
        };
        TranscriptConversation: {
            collection?: string;
            collection_title?: string;
            created_at: string;
            id: string;
            title: string;
            updated_at: string;
        };
        TranscriptFailure: {
            code: string;
            message: string;
        };
        TranscriptFile: {
            conversation: components["schemas"]["TranscriptConversation"];
            exported_at: string;
            format: string;
            messages: components["schemas"]["TranscriptMessage"][] | null;
            /** Format: int64 */
            version: number;
        };
        TranscriptMessage: {
            created_at: string;
            error?: components["schemas"]["TranscriptFailure"];
            grounding?: components["schemas"]["Grounding"];
            id: string;
            model?: string;
            parent_id: string | null;
            rating?: string;
            role: string;
            sources?: components["schemas"]["TranscriptSource"][] | null;
            status: string;
            text: string;
        };
        TranscriptSource: {
            approved?: boolean;
            chunk_id: string;
            cited: boolean;
            collection: string;
            collection_title?: string;
            document: string;
            document_id: string;
            effective?: string;
            heading?: string;
            /** Format: int64 */
            n: number;
            /** Format: int64 */
            page?: number;
            /** Format: int64 */
            page_end?: number;
            quote: string;
            removed?: boolean;
            /** Format: double */
            score: number;
            superseded_by?: string;
            text: string;
            title: string;
            unit?: string;
            version?: string;
        };
        TurnEnd: {
            conversation_id: string;
            message: components["schemas"]["Message"];
            turn_id: string;
        };
        TurnSources: {
            conversation_id: string;
            grounding: components["schemas"]["Grounding"];
            message_id: string;
            sources: components["schemas"]["Source"][];
            turn_id: string;
        };
        TurnStage: {
            conversation_id: string;
            /** Format: int64 */
            done?: number;
            message_id: string;
            /** @enum {string} */
            stage: "queued" | "loading" | "prefill" | "decode" | "resuming";
            /** Format: int64 */
            total?: number;
            turn_id: string;
        };
        TurnStarted: {
            answer: components["schemas"]["Message"];
            conversation_id: string;
            question: components["schemas"]["Message"];
            turn_id: string;
        };
        Unavailable: {
            /** @description In the driver's words. */
            detail?: string;
            /** @enum {string} */
            reason: "no_answer" | "ended" | "error" | "start";
            /** @enum {string} */
            source: "machine" | "gpu" | "cards" | "board" | "disk";
        };
        Upload: {
            copying?: boolean;
            id: string;
            name: string;
            /**
             * Format: int64
             * @description Bytes that are there: the next piece begins here. As large as size: it is whole, and the upload has ended.
             */
            offset: number;
            /** @description Why the copying ended early. */
            reason?: string;
            /** Format: int64 */
            size: number;
        };
        UploadInputBody: {
            /**
             * Format: int64
             * @description The file's own time of change, in milliseconds. The same name, size and time go on with what was begun; another time begins anew.
             */
            modified?: number;
            /** @description A plain file name that ends in .gguf. */
            name: string;
            /**
             * Format: int64
             * @description Bytes.
             */
            size: number;
        };
        UploadsBody: {
            uploads: components["schemas"]["Upload"][];
        };
        View: {
            /** Format: int64 */
            more_nodes: number;
            /** Format: int64 */
            more_slots: number;
            slots: components["schemas"]["Slot"][];
            /** Format: int64 */
            steps: number;
            tree: components["schemas"]["Node"][];
            /** Format: int64 */
            uptime_ms: number;
        };
        WebhookChannel: {
            enabled: boolean;
            /** @description Key of the signature; goes in only; absent: as it was; empty: removed, then nothing is signed */
            secret?: string;
            /** @description Comes out only */
            secret_set?: boolean;
            /** @description https, or http where that was written */
            url: string;
        };
        Work: {
            /** Format: int64 */
            accepted: number;
            /** Format: int64 */
            build_us: number;
            /** Format: int64 */
            cached_tokens: number;
            /** Format: int64 */
            damaged: number;
            /** Format: int64 */
            decode_rows: number;
            /** Format: int64 */
            decode_us: number;
            /** Format: int64 */
            drafted: number;
            /** Format: int64 */
            emit_us: number;
            /** Format: int64 */
            full: number;
            /** Format: int64 */
            keep_us: number;
            /** Format: int64 */
            kept_disk: number;
            /** Format: int64 */
            kept_memory: number;
            /** Format: int64 */
            parked: number;
            /** Format: int64 */
            pinned: number;
            /** Format: int64 */
            preempted: number;
            /** Format: int64 */
            prefill_rows: number;
            /** Format: int64 */
            restored: number;
            /** Format: int64 */
            sample_us: number;
            /** Format: int64 */
            saved: number;
            /** Format: int64 */
            sync_us: number;
            /** Format: int64 */
            threads: number;
        };
        Worker: {
            /**
             * Format: double
             * @description Of all processors together.
             */
            cpu_percent?: number;
            /**
             * Format: int64
             * @description On all GPUs, as their drivers tell.
             */
            gpu_memory_bytes?: number;
            model?: string;
            /** Format: int64 */
            pid?: number;
            /**
             * Format: int64
             * @description Memory, with the part of the model file that is read.
             */
            resident_bytes: number;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    getAlerts: {
        parameters: {
            query?: {
                /** @description How many ended alerts at most. */
                history?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Board"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getAlertChannels: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Channels"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    setAlertChannels: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Channels"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Channels"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    testAlertChannel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                channel: "desktop" | "email" | "webhook" | "syslog";
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SentBody"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    setAlertRules: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RulesInputBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Board"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    resetAlertRules: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Board"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listAnswers: {
        parameters: {
            query: {
                collection: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnswersBody"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    writeAnswer: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewAnswerInputBody"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApprovedAnswer"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteAnswer: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    changeAnswer: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AnswerFields"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApprovedAnswer"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getAttention: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Attention"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getCapacity: {
        parameters: {
            query?: {
                /** @description The model of the folder or the catalogue that is put on other devices; without it the measured one. */
                model?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CapacityView"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    startCapacity: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CapacityStartBody"];
            };
        };
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CapacityProgress"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    stopCapacity: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getCatalogue: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CatalogueView"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listCollections: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CollectionsBody"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createCollection: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewCollectionInputBody"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Collection"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getCollection: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Collection"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteCollection: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    changeCollection: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CollectionFields"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Collection"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listFolders: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FoldersBody"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    addFolder: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["FolderInputBody"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Folder"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    removeFolder: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                folder: string;
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getGoldenAnswers: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["GoldenSet"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    setGoldenAnswers: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["GoldenQuestionsBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["GoldenSet"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    resetGoldenAnswers: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["GoldenSet"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    changeGoldenAnswers: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["GoldenChangeBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["GoldenSet"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    runGoldenAnswers: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getGoldenRuns: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["GoldenRuns"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    pauseCollection: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Collection"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    resumeCollection: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Collection"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listConversations: {
        parameters: {
            query?: {
                /** @description The cursor of the page before: its next. */
                before?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConversationsBody"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createConversation: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewConversationBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Conversation"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    exportConversations: {
        parameters: {
            query?: {
                /** @description jsonl: one conversation a line; the others are a ZIP archive of one file a conversation. */
                format?: "jsonl" | "json" | "markdown" | "html";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file, as an attachment. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/jsonl": string;
                    "application/zip": string;
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    importConversations: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description At most 64 MiB. */
        requestBody: {
            content: {
                "application/json": string;
                "application/jsonl": string;
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ImportedBody"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getConversation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConversationBody"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteConversation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    renameConversation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RenameInputBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Conversation"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readDraft: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DraftInputBody"];
            };
        };
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    exportConversation: {
        parameters: {
            query?: {
                /** @description html is a page that prints well; json has all branches. */
                format?: "markdown" | "html" | "json";
                /** @description A message: its branch is written (markdown, html); absent: the newest at each fork. */
                leaf?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file, as an attachment. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TranscriptFile"];
                    "text/html": string;
                    "text/markdown": string;
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    ask: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AskInputBody"];
            };
        };
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StartedBody"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    restoreConversation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Conversation"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getCost: {
        parameters: {
            query?: {
                /** @description How far back. */
                days?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CostView"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listDocuments: {
        parameters: {
            query?: {
                /** @description The cursor of the page before: its next. */
                before?: string;
                /** @description Empty: all that you may read. */
                collection?: string;
                limit?: number;
                /** @description Part of a name, a title or a path. */
                q?: string;
                state?: "waiting" | "reading" | "indexing" | "ready" | "failed" | "duplicate" | "cancelled";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DocumentsBody"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    sendDocument: {
        parameters: {
            query: {
                collection: string;
                /** @description The day from which it holds; absent: what the file says. */
                effective?: string;
                /** @description The file's own time of change, in milliseconds. */
                modified?: number;
                /** @description The file's name; folders before it are kept as its path. */
                name: string;
                /** @description Documents of one series are versions of one text; absent: guessed from the name. */
                series?: string;
                title?: string;
                version?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description The file, at most 256 MiB. */
        requestBody: {
            content: {
                "application/octet-stream": string;
            };
        };
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Document"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getDocument: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Document"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteDocument: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    changeDocument: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DocumentChangeInputBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Document"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    cancelDocument: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Document"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    compareDocuments: {
        parameters: {
            query: {
                /** @description The document to compare with: the one before. */
                with: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CompareBody"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getDocumentFile: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    retryDocument: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Document"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getDocumentText: {
        parameters: {
            query?: {
                /** @description The passage to show: its place comes with the text. */
                chunk?: string;
                /** @description The first block. */
                from?: number;
                /** @description Blocks at most; with a passage that lies after them, the blocks around it. */
                limit?: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DocumentTextBody"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getEngine: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EngineBody"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    events: {
        parameters: {
            query?: {
                /** @description The last event number seen; without it only what comes is sent. */
                after?: string;
            };
            header?: {
                /** @description The same, as browsers send it. */
                "Last-Event-ID"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A stream of server-sent events. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": ({
                        data: components["schemas"]["HelloEvent"];
                        /** @enum {string} */
                        event: "hello";
                        id: number;
                    } | {
                        data: components["schemas"]["ResetEvent"];
                        /** @enum {string} */
                        event: "reset";
                        id: number;
                    } | {
                        data: components["schemas"]["TurnStarted"];
                        /** @enum {string} */
                        event: "turn.started";
                        id: number;
                    } | {
                        data: components["schemas"]["TurnStage"];
                        /** @enum {string} */
                        event: "turn.stage";
                        id: number;
                    } | {
                        data: components["schemas"]["TurnSources"];
                        /** @enum {string} */
                        event: "turn.sources";
                        id: number;
                    } | {
                        data: components["schemas"]["Delta"];
                        /** @enum {string} */
                        event: "turn.delta";
                        id: number;
                    } | {
                        data: components["schemas"]["TurnEnd"];
                        /** @enum {string} */
                        event: "turn.done";
                        id: number;
                    } | {
                        data: components["schemas"]["TurnEnd"];
                        /** @enum {string} */
                        event: "turn.failed";
                        id: number;
                    } | {
                        data: components["schemas"]["ConversationChanged"];
                        /** @enum {string} */
                        event: "conversation.changed";
                        id: number;
                    } | {
                        data: components["schemas"]["ConversationDeleted"];
                        /** @enum {string} */
                        event: "conversation.deleted";
                        id: number;
                    } | {
                        data: components["schemas"]["EngineChanged"];
                        /** @enum {string} */
                        event: "engine.changed";
                        id: number;
                    } | {
                        data: components["schemas"]["Sample"];
                        /** @enum {string} */
                        event: "monitor";
                        id: number;
                    } | {
                        data: components["schemas"]["CheckChanged"];
                        /** @enum {string} */
                        event: "check.changed";
                        id: number;
                    } | {
                        data: components["schemas"]["Alert"];
                        /** @enum {string} */
                        event: "alert.changed";
                        id: number;
                    } | {
                        data: components["schemas"]["Notice"];
                        /** @enum {string} */
                        event: "alert.notice";
                        id: number;
                    } | {
                        data: components["schemas"]["CapacityChanged"];
                        /** @enum {string} */
                        event: "capacity.changed";
                        id: number;
                    } | {
                        data: components["schemas"]["DocumentChanged"];
                        /** @enum {string} */
                        event: "document.changed";
                        id: number;
                    } | {
                        data: components["schemas"]["DocumentDeleted"];
                        /** @enum {string} */
                        event: "document.deleted";
                        id: number;
                    } | {
                        data: components["schemas"]["CollectionChanged"];
                        /** @enum {string} */
                        event: "collection.changed";
                        id: number;
                    } | {
                        data: components["schemas"]["CollectionDeleted"];
                        /** @enum {string} */
                        event: "collection.deleted";
                        id: number;
                    } | {
                        data: components["schemas"]["InboxChanged"];
                        /** @enum {string} */
                        event: "inbox.changed";
                        id: number;
                    })[];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getGaps: {
        parameters: {
            query: {
                collection: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["GapsBody"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getGolden: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Golden"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    setGolden: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["GoldenInputBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Golden"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    resetGolden: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Golden"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getHardware: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HardwareBody"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getInbox: {
        parameters: {
            query: {
                collection: string;
                state?: "open" | "answered" | "dismissed";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InboxBody"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    changeInbox: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["InboxChangeBody"];
            };
        };
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listKeys: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KeysBody"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createKey: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewKeyInputBody"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NewKeyBody"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    revokeKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createLink: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LinkBody"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getMessage: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Message"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    rateMessage: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RatingInputBody"];
            };
        };
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    regenerate: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["RegenerateInputBody"];
            };
        };
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StartedBody"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listModels: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EngineChanged"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getCheck: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CheckView"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    startCheck: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Progress"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    stopCheck: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    loadModel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getModelSettings: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ModelSettingsBody"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    setModelSettings: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ModelSettings"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ModelSettingsBody"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    unloadModel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getModelFolder: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FolderBody"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    importModel: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ImportInputBody"];
            };
        };
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Upload"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getMonitor: {
        parameters: {
            query?: {
                /** @description How far back. */
                seconds?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MonitorBody"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getLatency: {
        parameters: {
            query?: {
                class?: string;
                /** @description How far back. */
                minutes?: number;
                model?: string;
                route?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LatencyView"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getMachine: {
        parameters: {
            query?: {
                /** @description How far back. */
                minutes?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MachineView"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getMarks: {
        parameters: {
            query?: {
                /** @description How far back. */
                minutes?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MarksBody"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getPrices: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PricesView"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    setPrices: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CostSheet"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PricesView"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    resetPrices: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PricesView"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listRequests: {
        parameters: {
            query?: {
                /** @description The ID that the page before ended with. */
                before?: string;
                class?: string;
                limit?: number;
                model?: string;
                route?: string;
                status?: "done" | "stopped" | "failed";
                /** @description page, house check, or the name of an API key. */
                who?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RequestsView"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    exportRequests: {
        parameters: {
            query?: {
                class?: string;
                model?: string;
                route?: string;
                status?: "done" | "stopped" | "failed";
                /** @description page, house check, or the name of an API key. */
                who?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All rows that fit, newest first. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": string;
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    search: {
        parameters: {
            query: {
                /** @description Day whose documents hold; empty: today. */
                as_of?: string;
                /** @description Look in these documents; empty: in conversations. */
                collection?: string;
                /** @description Passages. */
                limit?: number;
                /** @description Literal text; with a collection, a question. */
                q: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SearchBody"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getSession: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SessionBody"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    signIn: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SignInInputBody"];
            };
        };
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    "Set-Cookie"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    signOut: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    "Set-Cookie"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getSettings: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SettingsBody"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    setSettings: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Settings"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SettingsBody"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    stopTurn: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listUploads: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UploadsBody"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    beginUpload: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UploadInputBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Upload"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getUpload: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Upload"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    sendPiece: {
        parameters: {
            query: {
                /** @description How much of the file is there already. */
                offset: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/octet-stream": string;
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Upload"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    cancelUpload: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getUsage: {
        parameters: {
            query?: {
                /** @description How far back, today among them. */
                days?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Report"];
                };
            };
            /** @description Error */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
}
